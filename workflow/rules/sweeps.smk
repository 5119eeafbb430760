# `snakemake --cores 8 <sweep>` runs one sweep by its name, whether config.yaml lists it or not.
for sweep in project.names:

    rule:
        name:
            sweep
        input:
            answer(project.targets, sweep),

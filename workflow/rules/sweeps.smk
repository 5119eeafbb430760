# `snakemake --cores 8 <sweep>` runs one sweep by its name, whether config.yaml lists it or not.
for sweep in project.planned:

    rule:
        name:
            sweep
        input:
            project.targets(sweep),

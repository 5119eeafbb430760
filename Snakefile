# Entry for `snakemake` in the project's root; the workflow itself is workflow/Snakefile.
include: "workflow/Snakefile"


# What plain `snakemake` makes: Snakemake takes no default from an included file.
rule default:
    input:
        answer(lambda wildcards: project.all_targets()),
    localrule: True

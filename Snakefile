# Entry for `snakemake` in the project's root; the workflow itself is workflow/Snakefile.
include: "workflow/Snakefile"

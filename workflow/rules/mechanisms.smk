# Compiled where Snakemake runs: the nodes of a cluster need no compiler.
rule mechanisms:
    input:
        answer(lambda wildcards: []),
    output:
        directory("results/made/mechanisms/{set}_{fingerprint}"),
    log:
        log_file("mechanisms/{set}_{fingerprint}"),
    localrule: True
    conda:
        ENVIRONMENT
    shell:
        make("mechanisms {wildcards.set} {output}")

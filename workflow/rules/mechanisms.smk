rule mechanisms:
    input:
        answer(lambda wildcards: []),
    output:
        directory("results/made/mechanisms/{set}_{fingerprint}"),
    log:
        log_file("mechanisms/{set}_{fingerprint}"),
    resources:
        mem_mb=memory(),
        runtime=runtime,
    shell:
        make("mechanisms {wildcards.set} {output}")

rule mechanisms:
    input:
        answer(lambda wildcards: []),
    output:
        directory("results/made/mechanisms/{set}_{fingerprint}"),
    log:
        log_file("mechanisms/{set}_{fingerprint}"),
    shell:
        make("mechanisms {wildcards.set} {output}")

rule mechanisms:
    output:
        directory("results/made/mechanisms/{set}_{fingerprint}"),
    shell:
        "{SPIKESWEEP} make mechanisms {wildcards.set} {output}"

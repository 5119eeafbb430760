rule plan:
    output:
        "results/made/{sweep}/plan_{fingerprint}.json",
        "results/made/{sweep}/plan_{fingerprint}.csv",
    shell:
        "{SPIKESWEEP} make plan {wildcards.sweep} {output[0]}"

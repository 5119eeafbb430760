rule plan:
    input:
        answer(lambda wildcards: []),
    output:
        "results/made/{sweep}/plan_{fingerprint}.json",
        "results/made/{sweep}/plan_{fingerprint}.csv",
    shell:
        make("plan {wildcards.sweep} {output[0]}")

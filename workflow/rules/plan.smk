rule plan:
    input:
        answer(lambda wildcards: []),
    output:
        "results/made/{sweep}/plan_{fingerprint}.json",
        "results/made/{sweep}/plan_{fingerprint}.csv",
    localrule: True
    shell:
        make("plan {wildcards.sweep} {output[0]}")

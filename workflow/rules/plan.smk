rule plan:
    input:
        answer(lambda wildcards: []),
    output:
        plan="results/made/{sweep}/plan_{fingerprint}.json",
        table="results/made/{sweep}/plan_{fingerprint}.csv",
    log:
        log_file("{sweep}/plan_{fingerprint}"),
    localrule: True
    shell:
        make("plan {wildcards.sweep} {output.plan}")

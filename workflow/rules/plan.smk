# A late plan is made of what its points are found by; another one of the sweep file alone.
rule plan:
    input:
        answer(project.inputs(PLAN)),
    output:
        plan="results/made/{sweep}/plan_{fingerprint}.json",
        table="results/made/{sweep}/plan_{fingerprint}.csv",
    log:
        log_file("{sweep}/plan_{fingerprint}"),
    localrule: True
    conda:
        ENVIRONMENT
    shell:
        make("plan {wildcards.sweep} {output.plan}")

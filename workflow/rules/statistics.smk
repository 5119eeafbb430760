rule statistics:
    input:
        project.inputs("results/made/{sweep}/statistics_{fingerprint}.csv"),
    output:
        "results/made/{sweep}/statistics_{fingerprint}.csv",
        "results/made/{sweep}/statistics_{fingerprint}.json",
        "results/made/{sweep}/isi_{fingerprint}.csv",
        "results/made/{sweep}/isi_{fingerprint}.json",
    params:
        plan=project.plan_file,
    shell:
        "{SPIKESWEEP} make statistics {params.plan} {output[0]}"


rule failures:
    input:
        project.inputs("results/made/{sweep}/failures_{fingerprint}.csv"),
    output:
        "results/made/{sweep}/failures_{fingerprint}.csv",
        "results/made/{sweep}/failures_{fingerprint}.json",
    params:
        plan=project.plan_file,
    shell:
        "{SPIKESWEEP} make failures {params.plan} {output[0]}"

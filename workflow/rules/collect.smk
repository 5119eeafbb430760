rule collect:
    input:
        project.inputs("results/made/{sweep}/dataset_{fingerprint}.nc"),
    output:
        "results/made/{sweep}/dataset_{fingerprint}.nc",
        "results/made/{sweep}/dataset_{fingerprint}.json",
    params:
        plan=project.plan_file,
    shell:
        "{SPIKESWEEP} make dataset {params.plan} {output[0]}"

rule simulate:
    input:
        project.inputs("results/made/{sweep}/simulations_{fingerprint}.csv"),
    output:
        "results/made/{sweep}/simulations_{fingerprint}.csv",
        "results/made/{sweep}/simulations_{fingerprint}.json",
    params:
        plan=project.plan_file,
    shell:
        "{SPIKESWEEP} make simulations {params.plan} {output[0]}"


rule structure:
    input:
        project.inputs("results/made/{sweep}/structure_{fingerprint}.csv"),
    output:
        "results/made/{sweep}/structure_{fingerprint}.csv",
        "results/made/{sweep}/structure_{fingerprint}.json",
        "results/made/{sweep}/psection_{fingerprint}.json",
    params:
        plan=project.plan_file,
    shell:
        "{SPIKESWEEP} make structure {params.plan} {output[0]}"

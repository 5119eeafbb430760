rule figure:
    input:
        project.inputs("results/made/{sweep}/{figure}_{fingerprint}.pdf"),
    output:
        multiext("results/made/{sweep}/{figure}_{fingerprint}", ".pdf", ".png", ".svg", ".json"),
    params:
        plan=project.plan_file,
    shell:
        "{SPIKESWEEP} make figure {params.plan} {output[0]}"

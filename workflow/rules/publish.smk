# The bundles: everything that it takes to check results and to make them again.
rule bundle:
    input:
        answer(project.bundle_inputs),
    output:
        "results/published/{sweep}_{label}.zip",
    log:
        log_file("{sweep}/bundle_{label}"),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        plan=answer(project.plan_file),
        allowed=project.publishable,
    shell:
        make("bundle {params.plan} {output} {params.allowed}")


for sweep in [*project.names, *figure_sets.names]:

    rule:
        name:
            f"publish_{sweep}"
        input:
            answer(project.bundle, sweep),
        localrule: True


rule publish:
    input:
        answer(lambda wildcards: project.bundles()),
    localrule: True

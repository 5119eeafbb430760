# Figure sets: the figures of a paper, of panels from several sweeps.
rule figure_set:
    input:
        answer(lambda wildcards: []),
    output:
        "results/made/figure_sets/{set}/set_{fingerprint}.json",
    log:
        log_file("{set}/set_{fingerprint}"),
    localrule: True
    conda:
        ENVIRONMENT
    shell:
        make("figure_set {wildcards.set} {output}")


rule panels:
    input:
        answer(figure_sets.inputs),
    output:
        first="results/made/figure_sets/{set}/{figure}_{fingerprint}.pdf",
        others=[
            f"results/made/figure_sets/{{set}}/{{figure}}_{{fingerprint}}{suffix}"
            for suffix in (".png", ".svg", ".json")
        ],
    log:
        log_file("{set}/{figure}_{fingerprint}"),
    conda:
        ENVIRONMENT
    resources:
        mem_mb=memory(),
        runtime=runtime(),
    params:
        plan=answer(figure_sets.plan_file),
    shell:
        make("panels {params.plan} {output.first}")


for name in figure_sets.asked:

    rule:
        name:
            f"stamp_set_{name}"
        input:
            answer(figure_sets.stamp_inputs, name),
        output:
            [
                report(path, **shown) if shown else path
                for path, shown in figure_sets.stamped_in_report(name)
            ],
            mark=figure_sets.mark(name),
        log:
            log_file(f"{name}/stamp_set"),
        localrule: True
        conda:
            ENVIRONMENT
        params:
            plan=figure_sets.plan(name).path,
            set=name,
        shell:
            make("stamp_set {params.plan} {output.mark}")


# `snakemake --cores 8 <set>` makes one set by its name, with the sweeps that it shows.
for name in figure_sets.names:

    rule:
        name:
            name
        input:
            answer(figure_sets.targets, name),
        localrule: True

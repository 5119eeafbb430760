# A leaf: its names carry the git label. The mark is named after the figures and the label, so
# that it is missing whenever the stamped figures are not those of the current configuration.
# A loop, over the sweeps that are asked for, which plans them: outputs cannot be functions, and
# no wildcard stands both in the mark and in the figures that it speaks of.
for sweep in project.asked:

    rule:
        name:
            f"stamp_{sweep}"
        input:
            answer(project.stamp_inputs, sweep),
        output:
            [
                report(path, **shown) if shown else path
                for path, shown in project.stamped_in_report(sweep)
            ],
            mark=project.stamp_mark(sweep),
        log:
            log_file(f"{sweep}/stamp"),
        localrule: True
        conda:
            ENVIRONMENT
        params:
            plan=project.plan(sweep).plan.path,
            sweep=sweep,
        shell:
            make("stamp {params.plan} {output.mark}")

# A leaf: links to what belongs to the current configuration. A mark and a loop, as in stamp.smk.
for sweep in project.asked:

    rule:
        name:
            f"current_{sweep}"
        input:
            answer(project.current_inputs, sweep),
        output:
            [
                report(path, **shown) if shown else path
                for path, shown in project.current_in_report(sweep)
            ],
            mark=project.current_mark(sweep),
        log:
            log_file(f"{sweep}/current"),
        localrule: True
        conda:
            ENVIRONMENT
        params:
            plan=project.plan(sweep).plan.path,
            sweep=sweep,
        shell:
            make("current {params.plan} {output.mark}")

# A leaf: links to what belongs to the current configuration. Marked as in stamp.smk.
for sweep in project.planned:

    rule:
        name:
            f"current_{sweep}"
        input:
            project.current_inputs(sweep),
        output:
            project.current(sweep),
            mark=project.current_mark(sweep),
        localrule: True
        params:
            plan=project.plan(sweep).plan.path,
        shell:
            "{SPIKESWEEP} make current {params.plan} {output.mark}"

# All that jobs make from the plan of a sweep: a rule a row of products/table.py. Snakemake puts the
# command together when a job runs, when `kind` is the last one: what differs stands in params.
for kind in PLANNED:

    rule:
        name:
            kind.stage
        input:
            answer(project.inputs(kind)),
        output:
            first=patterns(kind)[0],
            others=patterns(kind)[1:],
        log:
            log_file(f"{{sweep}}/{patterns(kind)[0].stem}"),
        # Tables first: they take little, and most figures wait for some.
        priority: 0 if kind is FIGURE else 1
        group:
            group_of(kind)
        conda:
            ENVIRONMENT
        resources:
            mem_mb=memory(project, kind.simulates),
            runtime=runtime(project, kind.simulates),
            disk_mb=disk(project, kind.simulates),
        params:
            plan=answer(project.plan_file),
            product=kind.name,
            enters=enter(kind.simulates),
            threads=threads_told(kind.threads),
        shell:
            make(
                "{params.product} {params.plan} {output.first}{params.threads}",
                "{params.enters}",
            )

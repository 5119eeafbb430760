# All that jobs make from the plan of a sweep: a rule a row of products/table.py.
for kind in PLANNED:

    rule:
        name:
            kind.stage
        input:
            answer(project.inputs(kind)),
        output:
            patterns(kind),
        log:
            log_file(f"{{sweep}}/{patterns(kind)[0].stem}"),
        params:
            plan=answer(project.plan_file),
            product=kind.name,
        shell:
            make("{params.product} {params.plan} {output[0]}", kind.simulates)

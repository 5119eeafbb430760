# The bundles: everything that it takes to check results and to make them again.
for sweep in project.planned:

    rule:
        name:
            f"publish_{sweep}"
        input:
            project.targets(sweep),
        output:
            project.bundle(sweep),
        localrule: True
        params:
            plan=project.plan(sweep).plan.path,
            allowed=project.publishable,
        shell:
            "{SPIKESWEEP} make bundle {params.plan} {output} {params.allowed}"


rule publish:
    input:
        [project.bundle(sweep) for sweep in project.planned],
    localrule: True

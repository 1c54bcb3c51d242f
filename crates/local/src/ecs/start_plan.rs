//! In which order the containers of a task start, and which of them owns the network.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::task_definition::ContainerDefinition;

/// The plan of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StartPlan {
    /// Indexes of the containers in the order in which they start.
    pub(super) order: Vec<usize>,
    /// The container whose network the others share; all ports are published on it.
    pub(super) owner: usize,
    /// Containers that end before the owner may start: they are in the cluster's network on
    /// their own, for there is nothing yet that they could share.
    pub(super) alone: BTreeSet<usize>,
}

/// Plans a task, or says what is wrong with its `DependsOn`.
pub(super) fn plan(containers: &[ContainerDefinition]) -> Result<StartPlan, String> {
    let index: BTreeMap<&str, usize> =
        containers.iter().enumerate().map(|(place, container)| (container.name.as_str(), place)).collect();
    let mut needs: Vec<Vec<(usize, bool)>> = Vec::new();
    for container in containers {
        let mut mine = Vec::new();
        for dependency in &container.depends_on {
            let Some(place) = index.get(dependency.container_name.as_str()) else {
                return Err(format!(
                    "container {} depends on {}, which is not in the task definition",
                    container.name, dependency.container_name
                ));
            };
            mine.push((*place, matches!(dependency.condition.as_str(), "COMPLETE" | "SUCCESS")));
        }
        needs.push(mine);
    }
    let mut order: Vec<usize> = Vec::new();
    while order.len() < containers.len() {
        let next = (0..containers.len()).find(|place| {
            !order.contains(place) && needs[*place].iter().all(|(need, _)| order.contains(need))
        });
        match next {
            Some(place) => order.push(place),
            None => return Err("the containers depend on each other in a circle".to_owned()),
        }
    }
    // A container that somebody waits to end cannot own the network for the task's lifetime.
    let ends: BTreeSet<usize> =
        needs.iter().flatten().filter(|(_, ends)| *ends).map(|(place, _)| *place).collect();
    let stays: Vec<usize> = order.iter().copied().filter(|place| !ends.contains(place)).collect();
    let free = |place: &usize| transitive(&needs, *place).iter().all(|need| ends.contains(need));
    let owner = stays
        .iter()
        .copied()
        .find(|place| free(place) && !containers[*place].port_mappings.is_empty())
        .or_else(|| stays.iter().copied().find(free))
        .or_else(|| order.first().copied())
        .ok_or("the task definition has no containers")?;
    let before = transitive(&needs, owner);
    // The owner starts as soon as it can, so that nobody who shares its network comes first.
    let mut sorted: Vec<usize> = order.iter().copied().filter(|place| before.contains(place)).collect();
    sorted.push(owner);
    sorted.extend(order.iter().copied().filter(|place| *place != owner && !before.contains(place)));
    Ok(StartPlan { order: sorted, owner, alone: before })
}

fn transitive(needs: &[Vec<(usize, bool)>], from: usize) -> BTreeSet<usize> {
    let mut all = BTreeSet::new();
    let mut open = vec![from];
    while let Some(place) = open.pop() {
        for (need, _) in &needs[place] {
            if all.insert(*need) {
                open.push(*need);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecs::task_definition::Dependency;
    use crate::ecs::task_definition::PortMapping;

    fn container(name: &str, port: bool, needs: &[(&str, &str)]) -> ContainerDefinition {
        ContainerDefinition {
            name: name.to_owned(),
            port_mappings: if port { vec![PortMapping::default()] } else { Vec::new() },
            depends_on: needs
                .iter()
                .map(|(name, condition)| Dependency {
                    container_name: (*name).to_owned(),
                    condition: (*condition).to_owned(),
                })
                .collect(),
            ..ContainerDefinition::default()
        }
    }

    #[test]
    fn owner_and_order() {
        for (containers, order, owner, alone) in [
            (vec![container("a", true, &[])], vec![0], 0, vec![]),
            (vec![container("log", false, &[]), container("web", true, &[])], vec![1, 0], 1, vec![]),
            (
                vec![container("web", true, &[("init", "SUCCESS")]), container("init", false, &[])],
                vec![1, 0],
                0,
                vec![1],
            ),
            (
                vec![container("web", true, &[("db", "HEALTHY")]), container("db", false, &[])],
                vec![1, 0],
                1,
                vec![],
            ),
            (
                vec![
                    container("web", true, &[("fill", "COMPLETE")]),
                    container("fill", false, &[("db", "START")]),
                    container("db", false, &[]),
                ],
                vec![2, 1, 0],
                2,
                vec![],
            ),
        ] {
            let plan = plan(&containers).expect("plan");
            let alone: BTreeSet<usize> = alone.into_iter().collect();
            assert_eq!((plan.order, plan.owner, plan.alone), (order, owner, alone));
        }
    }

    #[test]
    fn faults_are_named() {
        assert!(plan(&[]).is_err());
        assert!(plan(&[container("a", false, &[("b", "START")])]).is_err());
        let circle = [container("a", false, &[("b", "START")]), container("b", false, &[("a", "START")])];
        assert!(plan(&circle).is_err());
    }
}

//! What no schema says. A rule looks at resource types and only reports what it can see: values
//! that functions compute are passed over.

mod deployment;
mod fargate;
mod load_balancing;
mod network;
mod queues;
mod ranges;
mod schedules;
mod secrets;
mod select;
mod tables;
mod tasks;

use super::iam;
use super::linter::Linter;
use super::place::Place;

pub(super) fn check(linter: &mut Linter<'_>) {
    ranges::check(linter);
    fargate::check(linter);
    tasks::check(linter);
    deployment::check(linter);
    load_balancing::check(linter);
    schedules::check(linter);
    queues::check(linter);
    tables::check(linter);
    network::check(linter);
    secrets::check(linter);
    for resource in linter.model.all() {
        if let Some(properties) = resource.properties {
            let root = Place::root("Resources");
            iam::partitions(linter, &root.key(resource.id), properties.entries());
        }
    }
}

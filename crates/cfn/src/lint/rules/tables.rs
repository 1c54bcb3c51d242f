//! DynamoDB tables: keys and attributes.

use super::super::codes;
use super::super::linter::Linter;
use super::super::linter::doubles;
use super::select::each;
use super::select::report;
use super::select::values;
use crate::source::Node;

pub(super) fn check(linter: &mut Linter<'_>) {
    for kind in ["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"] {
        for table in linter.model.of_type(kind) {
            let defined = values(&table, "AttributeDefinitions.AttributeName");
            let mut used = Vec::new();
            let indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
            for keys in
                ["KeySchema".to_owned()].into_iter().chain(indexes.map(|name| format!("{name}.KeySchema")))
            {
                used.extend(values(&table, &format!("{keys}.AttributeName")));
            }
            let fixed =
                |nodes: &[&Node]| !nodes.is_empty() && nodes.iter().all(|node| node.as_str().is_some());
            if fixed(&defined) && fixed(&used) {
                for node in
                    used.iter().filter(|node| !defined.iter().any(|one| one.as_str() == node.as_str()))
                {
                    let message = format!(
                        "the key `{}` is not in `AttributeDefinitions`",
                        node.as_str().unwrap_or_default()
                    );
                    report(linter, &codes::KEYS, &table, Some(node), message);
                }
                for node in
                    defined.iter().filter(|node| !used.iter().any(|one| one.as_str() == node.as_str()))
                {
                    let message =
                        format!("no key uses the attribute `{}`", node.as_str().unwrap_or_default());
                    report(linter, &codes::KEYS, &table, Some(node), message);
                }
            }
            let mut schemas = vec![values(&table, "KeySchema")];
            for name in indexes {
                schemas
                    .extend(values(&table, name).into_iter().map(|index| each(index.get("KeySchema"), "")));
            }
            for keys in schemas.iter().filter(|keys| !keys.is_empty()) {
                let kinds: Vec<Option<&str>> = keys.iter().map(|key| key.get("KeyType")?.as_str()).collect();
                let known = kinds.iter().all(Option::is_some);
                // Indexes may have several of each since November 2025.
                if known && kinds.first() != Some(&Some("HASH")) {
                    report(
                        linter,
                        &codes::KEYS,
                        &table,
                        keys.first().copied(),
                        "the first key is the `HASH` key",
                    );
                }
            }
            let names = values(&table, "GlobalSecondaryIndexes.IndexName")
                .into_iter()
                .chain(values(&table, "LocalSecondaryIndexes.IndexName"))
                .filter_map(|node| Some((node.as_str()?, node)));
            for (name, node) in doubles(names.collect::<Vec<_>>()) {
                report(linter, &codes::KEYS, &table, Some(node), format!("two indexes are called `{name}`"));
            }
            billing(linter, &table);
        }
    }
}

fn billing(linter: &mut Linter<'_>, table: &super::super::model::Resource<'_>) {
    if table.kind != "AWS::DynamoDB::Table" {
        return;
    }
    let mode = table.get("BillingMode");
    let throughput = table.get("ProvisionedThroughput");
    match (mode.map(|node| node.as_str()), throughput) {
        (Some(Some("PAY_PER_REQUEST")), Some(node)) if node.function().is_none() => {
            let message = "with `PAY_PER_REQUEST` there is no `ProvisionedThroughput`";
            report(linter, &codes::KEYS, table, Some(node), message);
        }
        (None | Some(Some("PROVISIONED")), None) => {
            let message = "a table with provisioned capacity needs `ProvisionedThroughput`";
            report(linter, &codes::KEYS, table, mode, message);
        }
        _ => {}
    }
}

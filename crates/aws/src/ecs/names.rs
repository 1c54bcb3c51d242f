//! Names out of ECS' ARNs.

/// Returns what stands after the last `/`: a cluster's name, a task's id, a service's name.
pub(super) fn last_segment(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Returns `family:revision` of a task definition.
pub(crate) fn short_definition(arn: &str) -> &str {
    last_segment(arn)
}

/// Returns a reason that ECS accepts: at most 255 characters of one line.
pub(super) fn reason(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(255).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_arns() {
        let task = "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef0123456789abcdef";
        assert_eq!(last_segment(task), "0123456789abcdef0123456789abcdef");
        assert_eq!(last_segment("shop"), "shop");
        assert_eq!(short_definition("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3"), "web:3");
        assert_eq!(short_definition("web:3"), "web:3");
    }

    #[test]
    fn reasons_fit() {
        assert_eq!(reason("a\nb"), "a b");
        assert_eq!(reason(&"ä".repeat(300)).chars().count(), 255);
    }
}

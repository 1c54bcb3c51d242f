//! IAM documents.

use seaway_cfn::Value;

/// Returns a policy document of these statements.
pub(super) fn document(statements: Vec<Value>) -> Value {
    Value::map([("Version", Value::from("2012-10-17")), ("Statement", Value::List(statements))])
}

/// Returns a statement that allows actions on resources.
pub(super) fn allow(actions: &[&str], resources: Vec<Value>) -> Value {
    allow_if(actions, resources, Value::Null)
}

/// Returns a statement that allows actions on resources under a condition.
pub(super) fn allow_if(actions: &[&str], resources: Vec<Value>, condition: Value) -> Value {
    Value::map([
        ("Effect", Value::from("Allow")),
        ("Action", Value::list(actions.iter().copied())),
        ("Resource", Value::List(resources)),
        ("Condition", condition),
    ])
}

/// Returns the trust of a service principal, held to this account and to one kind of source.
pub(super) fn trust(principal: &str, source_arn: &str) -> Value {
    let condition = Value::map([
        ("StringEquals", Value::map([("aws:SourceAccount", Value::reference("AWS::AccountId"))])),
        ("ArnLike", Value::map([("aws:SourceArn", Value::sub(source_arn))])),
    ]);
    let statement = Value::map([
        ("Effect", Value::from("Allow")),
        ("Principal", Value::map([("Service", Value::from(principal))])),
        ("Action", Value::from("sts:AssumeRole")),
        ("Condition", condition),
    ]);
    document(vec![statement])
}

/// Returns an inline policy of a role. Inline, so that no task starts before its rights are there.
pub(super) fn inline(name: &str, statements: Vec<Value>) -> Value {
    Value::map([("PolicyName", Value::from(name)), ("PolicyDocument", document(statements))])
}

/// Returns an ARN in the stack's own partition, region and account.
pub(super) fn own_arn(service: &str, resource: &str) -> Value {
    Value::sub(own_arn_text(service, resource))
}

/// Returns the text of [`own_arn`], for `Fn::Sub`.
pub(super) fn own_arn_text(service: &str, resource: &str) -> String {
    format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")
}

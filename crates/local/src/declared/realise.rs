//! The realiser of last resort.

use async_trait::async_trait;
use seaway_cloud::Realised;
use serde_json::Value;

use super::identity::identity;
use crate::realiser::Failure;
use crate::realiser::Physical;
use crate::realiser::Realiser;
use crate::realiser::ResourceContext;

/// Realises every type that has no realiser of its own.
pub(crate) struct Declared;

/// Properties that name or place a resource: with another value it is another resource
/// (CloudFormation template reference, "Update requires: Replacement").
const REPLACING: &[(&str, &[&str])] = &[
    ("AWS::EC2::VPC", &["CidrBlock"]),
    ("AWS::EC2::Subnet", &["CidrBlock", "AvailabilityZone", "VpcId"]),
    ("AWS::EC2::SecurityGroup", &["GroupDescription", "GroupName", "VpcId"]),
    ("AWS::EC2::NatGateway", &["AllocationId", "SubnetId"]),
    ("AWS::EC2::RouteTable", &["VpcId"]),
    ("AWS::EC2::Route", &["RouteTableId", "DestinationCidrBlock"]),
    ("AWS::IAM::Role", &["RoleName", "Path"]),
    ("AWS::IAM::ManagedPolicy", &["ManagedPolicyName"]),
    ("AWS::SNS::Topic", &["TopicName"]),
    ("AWS::SSM::Parameter", &["Name"]),
    ("AWS::S3::Bucket", &["BucketName"]),
    ("AWS::ServiceDiscovery::PrivateDnsNamespace", &["Name", "Vpc"]),
    ("AWS::ServiceDiscovery::HttpNamespace", &["Name"]),
];

#[async_trait]
impl Realiser for Declared {
    fn types(&self) -> &'static [&'static str] {
        &[]
    }

    fn replaces(&self, resource_type: &str, old: &Value, new: &Value) -> bool {
        REPLACING
            .iter()
            .filter(|(kind, _)| *kind == resource_type)
            .flat_map(|(_, names)| *names)
            .any(|name| old.get(name) != new.get(name))
    }

    async fn create(&self, context: &ResourceContext, properties: &Value) -> Result<Physical, Failure> {
        let (id, attributes) = identity(context, properties);
        Ok(Physical { id, attributes, realised: Realised::DeclaredOnly })
    }

    async fn update(
        &self,
        context: &ResourceContext,
        _id: &str,
        _old: &Value,
        new: &Value,
    ) -> Result<Physical, Failure> {
        self.create(context, new).await
    }

    async fn delete(
        &self,
        _context: &ResourceContext,
        _id: &str,
        _properties: &Value,
    ) -> Result<(), Failure> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use serde_json::json;
    use tokio_util::sync::CancellationToken;

    use super::super::attribute;
    use super::*;

    fn context(resource_type: &str) -> ResourceContext {
        ResourceContext {
            stack: "shop-local-web".into(),
            logical_id: "It".into(),
            resource_type: resource_type.into(),
            tags: IndexMap::new(),
            token: "0123456789ab".into(),
            cancelled: CancellationToken::new(),
        }
    }

    #[tokio::test]
    async fn ids_look_right_and_stay_the_same() {
        let table = [
            ("AWS::EC2::VPC", "vpc-", "CidrBlock"),
            ("AWS::EC2::Subnet", "subnet-", "AvailabilityZone"),
            ("AWS::EC2::SecurityGroup", "sg-", "GroupId"),
            ("AWS::EC2::EIP", "203.0.113.", "AllocationId"),
            ("AWS::EC2::NatGateway", "nat-", "NatGatewayId"),
            ("AWS::IAM::Role", "shop-local-web-It-", "Arn"),
            ("AWS::SNS::Topic", "arn:aws:sns:local:", "TopicName"),
            ("AWS::Made::Up", "shop-local-web-It-", "Id"),
        ];
        for (kind, start, name) in table {
            let first = Declared.create(&context(kind), &json!({})).await.expect("create");
            let again = Declared.create(&context(kind), &json!({})).await.expect("create");
            assert_eq!(first, again);
            assert!(first.id.starts_with(start), "{kind}: {}", first.id);
            assert!(first.attributes.contains_key(name), "{kind} has no {name}");
        }
        assert_eq!(
            attribute("AWS::RDS::DBInstance", "db-1", "DBInstanceArn"),
            "arn:aws:rds:local:000000000000:dbinstance/db-1"
        );
        let address = attribute("AWS::RDS::DBInstance", "db-1", "Endpoint.Address");
        assert!(address.starts_with("endpoint-address-"), "{address}");
    }

    #[test]
    fn a_new_name_is_a_new_resource() {
        let old = json!({"TopicName": "a", "DisplayName": "x"});
        assert!(!Declared.replaces("AWS::SNS::Topic", &old, &json!({"TopicName": "a"})));
        assert!(Declared.replaces("AWS::SNS::Topic", &old, &json!({"TopicName": "b"})));
    }
}

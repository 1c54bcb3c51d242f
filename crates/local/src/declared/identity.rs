//! Physical ids and attributes that look like those of AWS, always the same for the same token.

use indexmap::IndexMap;
use serde_json::Value;
use sha2::Digest;

use crate::realiser::ResourceContext;

/// What `Ref` returns and the attributes of a declared resource.
pub(crate) fn identity(context: &ResourceContext, properties: &Value) -> (String, IndexMap<String, String>) {
    let hex = digest(&[&context.token]);
    let text = |name: &str| properties.get(name).and_then(Value::as_str).map(str::to_owned);
    let generated = || format!("{}-{}-{}", context.stack, context.logical_id, &hex[..12]);
    let mut attributes = IndexMap::new();
    let mut set = |name: &str, value: String| {
        attributes.insert(name.to_owned(), value);
    };
    let id = match context.resource_type.as_str() {
        "AWS::EC2::VPC" => {
            let id = format!("vpc-{}", &hex[..17]);
            set("VpcId", id.clone());
            set("CidrBlock", text("CidrBlock").unwrap_or_else(|| "10.0.0.0/16".to_owned()));
            set("CidrBlockAssociations", format!("vpc-cidr-assoc-{}", &hex[..17]));
            set("DefaultNetworkAcl", format!("acl-{}", &hex[..17]));
            set("DefaultSecurityGroup", format!("sg-{}", &hex[17..34]));
            id
        }
        "AWS::EC2::Subnet" => {
            let id = format!("subnet-{}", &hex[..17]);
            set("SubnetId", id.clone());
            set("CidrBlock", text("CidrBlock").unwrap_or_else(|| "10.0.0.0/24".to_owned()));
            set("AvailabilityZone", text("AvailabilityZone").unwrap_or_else(|| "local-a".to_owned()));
            set("VpcId", text("VpcId").unwrap_or_default());
            set("NetworkAclAssociationId", format!("aclassoc-{}", &hex[..17]));
            id
        }
        "AWS::EC2::SecurityGroup" => {
            let id = format!("sg-{}", &hex[..17]);
            set("GroupId", id.clone());
            set("Id", id.clone());
            set("VpcId", text("VpcId").unwrap_or_default());
            id
        }
        "AWS::EC2::EIP" => {
            // TEST-NET-3 (RFC 5737): looks like a public address and is nobody's.
            let last = u8::from_str_radix(&hex[..2], 16).unwrap_or(1);
            let address = format!("203.0.113.{last}");
            set("AllocationId", format!("eipalloc-{}", &hex[..17]));
            set("PublicIp", address.clone());
            address
        }
        "AWS::EC2::Route" => {
            let table = text("RouteTableId").unwrap_or_default();
            format!("{table}|{}", text("DestinationCidrBlock").unwrap_or_else(|| "0.0.0.0/0".to_owned()))
        }
        "AWS::IAM::Role" => {
            let name = text("RoleName").unwrap_or_else(generated);
            set("Arn", format!("arn:aws:iam::000000000000:role/{name}"));
            set("RoleId", format!("AROA{}", hex[..16].to_uppercase()));
            name
        }
        "AWS::IAM::User" => {
            let name = text("UserName").unwrap_or_else(generated);
            set("Arn", format!("arn:aws:iam::000000000000:user/{name}"));
            name
        }
        "AWS::IAM::InstanceProfile" => {
            let name = text("InstanceProfileName").unwrap_or_else(generated);
            set("Arn", format!("arn:aws:iam::000000000000:instance-profile/{name}"));
            name
        }
        "AWS::IAM::ManagedPolicy" => {
            let name = text("ManagedPolicyName").unwrap_or_else(generated);
            let arn = format!("arn:aws:iam::000000000000:policy/{name}");
            set("PolicyArn", arn.clone());
            arn
        }
        "AWS::Logs::LogGroup" => {
            let name = text("LogGroupName").unwrap_or_else(generated);
            set("Arn", format!("arn:aws:logs:local:000000000000:log-group:{name}:*"));
            name
        }
        "AWS::ServiceDiscovery::PrivateDnsNamespace"
        | "AWS::ServiceDiscovery::HttpNamespace"
        | "AWS::ServiceDiscovery::PublicDnsNamespace" => {
            let id = format!("ns-{}", &hex[..17]);
            set("Id", id.clone());
            set("Arn", format!("arn:aws:servicediscovery:local:000000000000:namespace/{id}"));
            id
        }
        "AWS::ServiceDiscovery::Service" => {
            let id = format!("srv-{}", &hex[..17]);
            set("Id", id.clone());
            set("Name", text("Name").unwrap_or_default());
            set("Arn", format!("arn:aws:servicediscovery:local:000000000000:service/{id}"));
            id
        }
        "AWS::SNS::Topic" => {
            let name = text("TopicName").unwrap_or_else(generated);
            let arn = format!("arn:aws:sns:local:000000000000:{name}");
            set("TopicName", name);
            set("TopicArn", arn.clone());
            arn
        }
        "AWS::SSM::Parameter" => {
            set("Type", text("Type").unwrap_or_else(|| "String".to_owned()));
            set("Value", text("Value").unwrap_or_default());
            text("Name").unwrap_or_else(generated)
        }
        "AWS::S3::Bucket" => {
            let name = text("BucketName").unwrap_or_else(|| generated().to_lowercase());
            set("Arn", format!("arn:aws:s3:::{name}"));
            set("DomainName", format!("{name}.s3.localhost"));
            name
        }
        other => {
            let id = match prefix(other) {
                Some(prefix) => format!("{prefix}-{}", &hex[..17]),
                None => generated(),
            };
            if other == "AWS::EC2::NatGateway" {
                set("NatGatewayId", id.clone());
            }
            set("Id", id.clone());
            id
        }
    };
    (id, attributes)
}

/// Id prefixes of EC2 (EC2 user guide, "Resource IDs").
fn prefix(resource_type: &str) -> Option<&'static str> {
    Some(match resource_type {
        "AWS::EC2::InternetGateway" => "igw",
        "AWS::EC2::EgressOnlyInternetGateway" => "eigw",
        "AWS::EC2::NatGateway" => "nat",
        "AWS::EC2::RouteTable" => "rtb",
        "AWS::EC2::SubnetRouteTableAssociation" => "rtbassoc",
        "AWS::EC2::VPCEndpoint" => "vpce",
        "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => "sgr",
        "AWS::EC2::FlowLog" => "fl",
        "AWS::EC2::NetworkAcl" => "acl",
        "AWS::EC2::LaunchTemplate" => "lt",
        "AWS::EC2::Volume" => "vol",
        "AWS::EC2::Instance" => "i",
        _ => return None,
    })
}

/// Returns an attribute that [`identity`] does not know: an ARN where one is asked for, else a
/// placeholder; always the same for the same resource.
pub(crate) fn attribute(resource_type: &str, id: &str, name: &str) -> String {
    let mut parts = resource_type.split("::").skip(1);
    let service = parts.next().unwrap_or("local").to_lowercase();
    let kind = parts.next().unwrap_or("resource").to_lowercase();
    if name == "Id" || (name.ends_with("Arn") && id.starts_with("arn:")) {
        id.to_owned()
    } else if name.ends_with("Arn") {
        format!("arn:aws:{service}:local:000000000000:{kind}/{id}")
    } else {
        let hex = digest(&[id, name]);
        format!("{}-{}", name.to_lowercase().replace('.', "-"), &hex[..8])
    }
}

/// Returns 64 hexadecimal digits that stand for these texts.
fn digest(texts: &[&str]) -> String {
    let mut hash = sha2::Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}

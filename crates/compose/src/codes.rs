//! Codes of the findings of this crate; documentation is generated from [`ALL`].

macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal;)*) => {
        $(#[doc = $title] pub const $name: &str = $code;)*
        /// Every code of this crate with its title, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $title)),*];
    };
}

codes! {
    UNKNOWN_KEY = "SW0201", "a key is not one of the Compose Specification";
    WRONG_TYPE = "SW0202", "a value has the wrong type";
    MISSING_KEY = "SW0203", "a required key is missing";
    PORT_TWICE = "SW0204", "two services publish the same port";
    UNKNOWN_SERVICE = "SW0205", "a service is named that is not there";
    UNKNOWN_SECRET = "SW0206", "a secret is used that is not defined";
    UNKNOWN_CONFIG = "SW0207", "a config is used that is not defined";
    UNKNOWN_VOLUME = "SW0208", "a volume is used that is not defined";
    UNKNOWN_NETWORK = "SW0209", "a network is used that is not defined";
    DEPENDENCY_CYCLE = "SW0210", "services depend on each other in a circle";
    VARIABLE_REQUIRED = "SW0211", "a required variable is not set";
    INTERPOLATION = "SW0212", "a `$` expression cannot be read";
    VARIABLE_UNSET = "SW0213", "a variable is not set and has no default";
    NO_FILE = "SW0214", "a Compose file is missing";
    UNREADABLE = "SW0215", "a file cannot be read";
    INCLUDE_CYCLE = "SW0216", "files include each other in a circle";
    INCLUDE_CONFLICT = "SW0217", "an included file defines something anew";
    EXTENDS_CYCLE = "SW0218", "services extend each other in a circle";
    EXTENDS_MISSING = "SW0219", "a service to extend is not there";
    ENV_FILE_MISSING = "SW0220", "an env_file is missing";
    ENV_FILE_SYNTAX = "SW0221", "a line of an env file cannot be read";
    SOURCE_FILE_MISSING = "SW0222", "the file of a secret or config is missing";
    BUILD_CONTEXT_MISSING = "SW0223", "a build context is missing";
    PORT_INVALID = "SW0224", "a port cannot be read";
    DURATION_INVALID = "SW0225", "a duration cannot be read";
    BYTES_INVALID = "SW0226", "a size in bytes cannot be read";
    NUMBER_INVALID = "SW0227", "a number cannot be read or is out of range";
    VALUE_INVALID = "SW0228", "a value is not one of those allowed";
    NAME_INVALID = "SW0229", "a name has characters that are not allowed";
    NO_SERVICES = "SW0230", "a project has no services";
    SERVICE_INACTIVE = "SW0231", "a service is needed whose profile is not active";
    COMMAND_INVALID = "SW0232", "a command cannot be split into words";
    MOUNT_INVALID = "SW0233", "a mount cannot be read";
    ENTRY_INVALID = "SW0234", "an entry is not of the form NAME=value";
    OBSOLETE_KEY = "SW0235", "a key has no effect any more";
    CONFLICT = "SW0236", "two keys contradict each other";
    TAG_UNKNOWN = "SW0237", "a YAML tag is not known";
    UNKNOWN_MODEL = "SW0238", "a model is used that is not defined";
}

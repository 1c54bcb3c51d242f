//! A place of its own for each test: home, state, project.
#![expect(clippy::unwrap_used, reason = "a place that cannot be made fails the test")]

use std::path::PathBuf;

use tempfile::TempDir;

/// A Compose file that has something of everything.
pub(crate) const SHOP: &str = "\
name: shop
services:
  web:
    image: registry.example.com/web:1
    ports: [\"8080:8080\"]
    environment:
      TITLE: ${TITLE:-hello}
  worker:
    image: registry.example.com/worker:1
  migrate:
    image: registry.example.com/migrate:1
    x-task: { run: before }
  wipe:
    image: registry.example.com/wipe:1
    x-task: { confirm: true }
  report:
    image: registry.example.com/report:1
    x-job: { schedule: rate(1 hour) }
x-environments:
  production: { region: eu-west-1 }
";

/// Says that no container engine answers: nothing listens there.
const NO_ENGINE: &str = "unix:///nobody/listens/here.sock";

/// What a run of the command gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Checks the exit code; shows everything when it is another.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Checks that stderr holds all of these.
    #[track_caller]
    pub(crate) fn says(self, texts: &[&str]) -> Ran {
        for text in texts {
            assert!(self.err.contains(text), "`{text}` is missing in {self:#?}");
        }
        self
    }

    /// Checks that nothing is on stdout.
    #[track_caller]
    pub(crate) fn gives_nothing(self) -> Ran {
        assert_eq!(self.out, "", "{self:#?}");
        self
    }

    /// Returns stdout as its one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// A place of its own.
pub(crate) struct TestEnv {
    folder: TempDir,
}

impl TestEnv {
    /// Returns a place with this `compose.yaml`.
    pub(crate) fn with(compose: &str) -> TestEnv {
        let env = TestEnv { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(env.path("home")).unwrap();
        std::fs::create_dir_all(env.path("project")).unwrap();
        env.write("compose.yaml", compose);
        env
    }

    /// Returns a place with [`SHOP`].
    pub(crate) fn shop() -> TestEnv {
        TestEnv::with(SHOP)
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path("project").join(name), text).unwrap();
    }

    /// Returns a path in the place.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `seaway` with these arguments, separated by spaces, in the project's folder.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, &[])
    }

    /// Runs `seaway` with variables on top.
    pub(crate) fn run_with(&self, arguments: &str, variables: &[(&str, &str)]) -> Ran {
        let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_seaway"))
            .args(arguments.split(' ').filter(|part| !part.is_empty()))
            .current_dir(self.path("project"))
            .env_clear()
            .env("HOME", self.path("home"))
            .env("SEAWAY_STATE_DIR", self.path("state"))
            .env("DOCKER_HOST", NO_ENGINE)
            .env("NO_COLOR", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(self.folder.path().to_str().unwrap(), "$TEST")
        };
        Ran { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Checks that a command says what to do where no container engine answers, and gives no data.
    #[track_caller]
    pub(crate) fn needs_an_engine(&self, arguments: &str) {
        let ran = self.run(arguments).exits(3).gives_nothing();
        ran.says(&["no container engine answers", "/nobody/listens/here.sock", "Hint: install and start"]);
    }

    /// Checks that the command refuses a Compose file with two mistakes, names both, and touches
    /// nothing.
    #[track_caller]
    pub(crate) fn refuses_wrong_files(command: &str) {
        let env = TestEnv::with("services:\n  web:\n    imagee: x\n    ports: [\"x:y\"]\n");
        let ran = env.run(command).exits(2).gives_nothing();
        ran.says(&["compose.yaml:3:5", "compose.yaml:4:13", "imagee", "nothing was touched"]);
        assert!(!env.path("state").exists(), "a background process was started");
    }
}

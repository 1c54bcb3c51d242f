//! AWS' session-manager-plugin as a child process.

use std::ffi::OsString;
use std::io;
use std::process::Stdio;

use aws_sdk_ecs::types;
use seaway_cloud::ExecInput;
use seaway_cloud::ExecOutput;
use seaway_cloud::ExecSession;
use serde_json::json;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::mpsc;

const PROGRAM: &str = "session-manager-plugin";
/// Hands the session over in a variable of this name, where other users' `ps` does not see its token.
const VARIABLE: &str = "AWS_SSM_START_SESSION_RESPONSE";
/// First version that reads the variable.
const READS_VARIABLE: [u32; 3] = [1, 2, 497];

/// The plugin that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plugin {
    program: OsString,
    reads_variable: bool,
}

/// Returns the plugin, if it is on the path and answers.
pub(super) async fn find() -> Option<Plugin> {
    find_program(OsString::from(PROGRAM)).await
}

async fn find_program(program: OsString) -> Option<Plugin> {
    let output = Command::new(&program).arg("--version").stdin(Stdio::null()).output().await.ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(Plugin { program, reads_variable: version(&text).is_some_and(|found| found >= READS_VARIABLE) })
}

fn version(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.trim().split('.').map(|part| part.parse().ok());
    Some([parts.next()??, parts.next()??, parts.next()??])
}

impl Plugin {
    /// Starts the plugin; its streams are those of the session. The exit code is the plugin's: ECS
    /// does not tell the command's.
    pub(super) fn start(
        &self,
        session: &types::Session,
        region: &str,
        profile: Option<&str>,
        target: &str,
    ) -> io::Result<ExecSession> {
        let response = json!({
            "SessionId": session.session_id().unwrap_or_default(),
            "StreamUrl": session.stream_url().unwrap_or_default(),
            "TokenValue": session.token_value().unwrap_or_default(),
        })
        .to_string();
        let mut command = Command::new(&self.program);
        if self.reads_variable {
            command.arg(VARIABLE).env(VARIABLE, &response);
        } else {
            command.arg(&response);
        }
        command
            .args([region, "StartSession", profile.unwrap_or_default()])
            .arg(json!({ "Target": target }).to_string())
            .arg(format!("https://ssm.{region}.amazonaws.com"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let (input, mut from_caller) = mpsc::channel::<ExecInput>(64);
        let (to_caller, output) = mpsc::channel::<ExecOutput>(64);
        let mut stdin = child.stdin.take();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        tokio::spawn(async move {
            let feed = async {
                // The plugin follows the size of its own terminal, and ends with its input: what has
                // no end is kept open until the session is over.
                while let Some(item) = from_caller.recv().await {
                    if let (ExecInput::Data(bytes), Some(stdin)) = (&item, &mut stdin)
                        && (stdin.write_all(bytes).await.is_err() || stdin.flush().await.is_err())
                    {
                        break;
                    }
                }
            };
            let copy = async {
                tokio::join!(
                    pump(stdout, &to_caller, ExecOutput::Stdout),
                    pump(stderr, &to_caller, ExecOutput::Stderr)
                );
                child.wait().await
            };
            tokio::pin!(feed);
            tokio::pin!(copy);
            let mut fed = false;
            let status = loop {
                tokio::select! {
                    status = &mut copy => break status,
                    () = &mut feed, if !fed => fed = true,
                    // Dropping the session closes it.
                    () = to_caller.closed() => return,
                }
            };
            let code = status.ok().and_then(|status| status.code()).map_or(255, i64::from);
            let _ = to_caller.send(ExecOutput::Exit(code)).await;
        });
        Ok(ExecSession { input, output })
    }
}

async fn pump(
    from: Option<impl AsyncRead + Unpin>,
    to: &mpsc::Sender<ExecOutput>,
    kind: fn(Vec<u8>) -> ExecOutput,
) {
    let Some(mut from) = from else { return };
    let mut buffer = vec![0; 8192];
    while let Ok(read) = from.read(&mut buffer).await {
        if read == 0 || to.send(kind(buffer[..read].to_vec())).await.is_err() {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn versions() {
        assert_eq!(version("1.2.497.0\n"), Some([1, 2, 497]));
        assert!(version("1.2.398.0").unwrap() < READS_VARIABLE);
        assert_eq!(version("none"), None);
    }

    /// A stand-in that says what it was given, then repeats a line of its input.
    async fn stand_in(version: &str) -> (tempfile::TempDir, Plugin) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(PROGRAM);
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo {version}; exit 0; fi\n\
             echo \"$1|$2|$3|$4|$5|$6|${VARIABLE}\"\nread -r line\necho \"got $line\" >&2\nexit 7\n"
        );
        let staged = dir.path().join("staged");
        std::fs::write(&staged, script).unwrap();
        std::fs::set_permissions(&staged, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::rename(staged, &path).unwrap();
        let plugin = find_program(path.into()).await.unwrap();
        (dir, plugin)
    }

    async fn converse(plugin: &Plugin) -> (String, String, i64) {
        let session = types::Session::builder()
            .session_id("s-1")
            .stream_url("wss://example.test")
            .token_value("secret-token")
            .build();
        let mut session = plugin.start(&session, "eu-west-1", Some("dev"), "ecs:shop_1_2").unwrap();
        session.input.send(ExecInput::Data(b"hello\n".to_vec())).await.unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        loop {
            match session.output.recv().await.unwrap() {
                ExecOutput::Stdout(bytes) => out.extend(bytes),
                ExecOutput::Stderr(bytes) => err.extend(bytes),
                ExecOutput::Exit(code) => {
                    return (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap(), code);
                }
            }
        }
    }

    #[tokio::test]
    async fn the_token_is_not_an_argument() {
        let (_dir, plugin) = stand_in("1.2.707.0").await;
        let (out, err, code) = converse(&plugin).await;
        let arguments = out.rsplit_once('|').unwrap();
        assert_eq!(
            arguments.0,
            "AWS_SSM_START_SESSION_RESPONSE|eu-west-1|StartSession|dev|{\"Target\":\"ecs:shop_1_2\"}|\
             https://ssm.eu-west-1.amazonaws.com"
        );
        assert!(arguments.1.contains("secret-token"), "{out}");
        assert_eq!((err.as_str(), code), ("got hello\n", 7));
    }

    #[tokio::test]
    async fn an_old_plugin_gets_it_as_before() {
        let (_dir, plugin) = stand_in("1.2.398.0").await;
        let (out, _, _) = converse(&plugin).await;
        assert!(out.starts_with("{\"SessionId\":\"s-1\""), "{out}");
    }

    #[tokio::test]
    async fn none_is_installed() {
        assert_eq!(find_program("/no/such/session-manager-plugin".into()).await, None);
    }
}

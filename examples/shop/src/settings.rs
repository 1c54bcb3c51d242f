//! Settings from the environment, and the switches that make the shop misbehave on purpose.

use std::time::Duration;

/// Returns a variable; an empty one counts as unset, so that Compose's `${NAME:-}` means "off".
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns a variable without which the program cannot work.
pub fn required(name: &str) -> Result<String, String> {
    variable(name).ok_or_else(|| format!("{name} is not set"))
}

/// Returns a variable that holds a number.
pub fn number(name: &str) -> Option<u64> {
    variable(name).and_then(|value| value.parse().ok())
}

/// Returns the version that `/version` and every response show.
pub fn version() -> String {
    variable("SHOP_VERSION").unwrap_or_else(|| "dev".to_owned())
}

/// Returns the value of a secret: ECS hands it over as a variable, Compose as a file.
pub fn secret(name: &str) -> Option<String> {
    variable(name).or_else(|| {
        let text = std::fs::read_to_string(format!("/run/secrets/{name}")).ok()?;
        Some(text.trim_end().to_owned())
    })
}

/// `SHOP_CRASH=N`: says why and returns the exit code N.
pub fn crash_at_start(command: &str) -> Option<u8> {
    let code = u8::try_from(number("SHOP_CRASH")?).unwrap_or(1);
    eprintln!("{command}: fatal: SHOP_CRASH={code} asks for a crash at start");
    Some(code)
}

/// `SHOP_CRASH_AFTER_MS=N`: the process dies with exit code 70 after N milliseconds.
pub fn crash_later(command: &str) {
    if let Some(milliseconds) = number("SHOP_CRASH_AFTER_MS") {
        let command = command.to_owned();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(milliseconds));
            eprintln!("{command}: fatal: SHOP_CRASH_AFTER_MS={milliseconds} is over");
            std::process::exit(70);
        });
    }
}

/// `SHOP_UNHEALTHY=1`: the health endpoint answers 503.
pub fn unhealthy() -> bool {
    variable("SHOP_UNHEALTHY").is_some()
}

/// `SHOP_SLOW_MS=N`: every page takes N milliseconds longer.
pub fn slow() -> Option<Duration> {
    number("SHOP_SLOW_MS").map(Duration::from_millis)
}

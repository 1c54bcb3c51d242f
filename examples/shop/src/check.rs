//! `shop check URL`: the probe for container health checks; an image from scratch has no curl.

use std::time::Duration;

/// Ends well when the address answers with a status of 200 to 299 within two seconds.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let [url] = arguments else {
        return Err("usage: shop check URL".to_owned());
    };
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(2))).build().into();
    match agent.get(url).call() {
        Ok(response) => {
            println!("{url}: {}", response.status());
            Ok(())
        }
        Err(error) => Err(format!("{url}: {error}")),
    }
}

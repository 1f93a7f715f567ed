//! Opens a URL in the user's browser, if there is one.

use std::process::{Command, Stdio};

/// Passes the URL `address` to the program that opens URLs. Returns whether the program was started.
pub(super) fn open(address: &str) -> bool {
    // The text comes from an authorization server's metadata, so it is passed to another program only if it is a
    // URL.
    if !(address.starts_with("https://") || address.starts_with("http://")) {
        return false;
    }
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        // `cmd /c start` would read `&` as the end of a command.
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else if std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some() {
        ("xdg-open", &[])
    } else {
        return false;
    };
    let quiet = Command::new(program)
        .args(arguments)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    quiet.is_ok()
}

//! Opens an address in the user's browser, where there is one.

use std::process::{Command, Stdio};

/// Hands the address to whatever opens addresses here. Whether there was such a thing.
pub(super) fn open(address: &str) -> bool {
    // It came from an authorization server's metadata: nothing but an address goes to another program.
    if !(address.starts_with("https://") || address.starts_with("http://")) {
        return false;
    }
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        // Not `cmd /c start`, which reads `&` as the end of a command.
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

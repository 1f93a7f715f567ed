//! Tests the paths of the clients' files on each operating system.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

use jackfield_clients::{Client, Place, Scope, Surroundings, System, state_folder};

fn on<'a>(system: System, variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + use<'a> {
    let _ = system;
    move |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

const LINUX: (System, &[(&str, &str)]) = (System::Linux, &[("HOME", "/srv/me")]);
const XDG: (System, &[(&str, &str)]) = (
    System::Linux,
    &[
        ("HOME", "/srv/me"),
        ("XDG_CONFIG_HOME", "/conf/"),
        ("CODEX_HOME", "/codex"),
        ("CLAUDE_CONFIG_DIR", "/claude"),
    ],
);
const MAC: (System, &[(&str, &str)]) = (System::MacOs, &[("HOME", "/srv/mac"), ("XDG_CONFIG_HOME", "/conf")]);
const WINDOWS: (System, &[(&str, &str)]) =
    (System::Windows, &[("USERPROFILE", r"D:\me"), ("APPDATA", r"D:\me\AppData\Roaming"), ("HOME", "/c/me")]);

fn file(
    client: Client,
    scope: Scope,
    (system, variables): (System, &[(&str, &str)]),
    project: &str,
) -> Result<String, String> {
    let surroundings = Surroundings { system, variable: &on(system, variables), project };
    Place::of(client, scope, &surroundings)
        .map(|place| place.file.to_str().unwrap().to_owned())
        .map_err(|error| error.to_string())
}

#[test]
fn user_file_path_depends_on_the_operating_system() {
    let rows = [
        (Client::ClaudeCode, LINUX, "/srv/me/.claude.json"),
        (Client::ClaudeCode, XDG, "/claude/.claude.json"),
        (Client::ClaudeCode, MAC, "/srv/mac/.claude.json"),
        (Client::ClaudeCode, WINDOWS, r"D:\me\.claude.json"),
        (Client::ClaudeDesktop, LINUX, "/srv/me/.config/Claude/claude_desktop_config.json"),
        (Client::ClaudeDesktop, XDG, "/conf/Claude/claude_desktop_config.json"),
        (
            Client::ClaudeDesktop,
            MAC,
            "/srv/mac/Library/Application Support/Claude/claude_desktop_config.json",
        ),
        (Client::ClaudeDesktop, WINDOWS, r"D:\me\AppData\Roaming\Claude\claude_desktop_config.json"),
        (Client::Cursor, LINUX, "/srv/me/.cursor/mcp.json"),
        (Client::Cursor, MAC, "/srv/mac/.cursor/mcp.json"),
        (Client::Cursor, WINDOWS, r"D:\me\.cursor\mcp.json"),
        (Client::VsCode, LINUX, "/srv/me/.config/Code/User/mcp.json"),
        (Client::VsCode, MAC, "/srv/mac/Library/Application Support/Code/User/mcp.json"),
        (Client::VsCode, WINDOWS, r"D:\me\AppData\Roaming\Code\User\mcp.json"),
        (Client::Zed, LINUX, "/srv/me/.config/zed/settings.json"),
        (Client::Zed, XDG, "/conf/zed/settings.json"),
        (Client::Zed, MAC, "/srv/mac/.config/zed/settings.json"),
        (Client::Zed, WINDOWS, r"D:\me\AppData\Roaming\Zed\settings.json"),
        (Client::Windsurf, LINUX, "/srv/me/.codeium/windsurf/mcp_config.json"),
        (Client::Windsurf, MAC, "/srv/mac/.codeium/windsurf/mcp_config.json"),
        (Client::Windsurf, WINDOWS, r"D:\me\.codeium\windsurf\mcp_config.json"),
        (Client::Codex, LINUX, "/srv/me/.codex/config.toml"),
        (Client::Codex, XDG, "/codex/config.toml"),
        (Client::Codex, MAC, "/srv/mac/.codex/config.toml"),
        (Client::Codex, WINDOWS, r"D:\me\.codex\config.toml"),
        (Client::GeminiCli, LINUX, "/srv/me/.gemini/settings.json"),
        (Client::GeminiCli, MAC, "/srv/mac/.gemini/settings.json"),
        (Client::GeminiCli, WINDOWS, r"D:\me\.gemini\settings.json"),
    ];
    for (client, system, path) in rows {
        assert_eq!(file(client, Scope::User, system, "/p").as_deref(), Ok(path), "{client}");
    }
}

#[test]
fn project_file_is_in_the_project_folder() {
    for (client, path) in [
        (Client::ClaudeCode, Some(".mcp.json")),
        (Client::ClaudeDesktop, None),
        (Client::Cursor, Some(".cursor/mcp.json")),
        (Client::VsCode, Some(".vscode/mcp.json")),
        (Client::Zed, Some(".zed/settings.json")),
        (Client::Windsurf, None),
        (Client::Codex, Some(".codex/config.toml")),
        (Client::GeminiCli, Some(".gemini/settings.json")),
    ] {
        let found = file(client, Scope::Project, LINUX, "/srv/me/shop");
        let Some(path) = path else {
            assert!(found.unwrap_err().contains("leave out --project"), "{client}");
            continue;
        };
        assert_eq!(found, Ok(format!("/srv/me/shop/{path}")));
        let path = format!(r"C:\shop\{}", path.replace('/', r"\"));
        assert_eq!(file(client, Scope::Project, WINDOWS, r"C:\shop\"), Ok(path));
    }
}

#[test]
fn error_about_an_unknown_home_folder_names_a_remedy() {
    for (system, variables) in [
        (System::Linux, &[("HOME", "me")][..]),
        (System::Windows, &[("HOME", "/c/me"), ("USERPROFILE", "me")]),
        (System::MacOs, &[]),
    ] {
        for client in Client::ALL {
            let error = file(client, Scope::User, (system, variables), "/p").unwrap_err();
            assert!(error.contains("--file PATH"), "{client}: {error}");
        }
    }
}

#[test]
fn state_folder_depends_on_variables_and_system() {
    let of = |(system, variables): (System, &[(&str, &str)])| {
        state_folder(&Surroundings { system, variable: &on(system, variables), project: "/p" })
            .map(|folder| folder.to_str().unwrap().to_owned())
            .map_err(|error| error.to_string())
    };
    for (system, path) in [
        (LINUX, "/srv/me/.local/state/jackfield/client_files"),
        ((System::Linux, &[("HOME", "/h"), ("XDG_STATE_HOME", "/s")][..]), "/s/jackfield/client_files"),
        ((System::Linux, &[("HOME", "/h"), ("JACKFIELD_STATE", "/j")][..]), "/j/client_files"),
        ((System::Windows, &[("LOCALAPPDATA", r"C:\l")][..]), r"C:\l\jackfield\client_files"),
    ] {
        assert_eq!(of(system).as_deref(), Ok(path));
    }
    assert!(
        of((System::Linux, &[("JACKFIELD_STATE", "j"), ("HOME", "/h")])).unwrap_err().contains("absolute")
    );
    assert!(of((System::Linux, &[])).unwrap_err().contains("set JACKFIELD_STATE"));
}

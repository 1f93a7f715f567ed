//! The file of a client, and the servers in it.

use std::path::{Path, PathBuf};

use jackfield_clients::{Client, Place, Scope, Surroundings, System, read_json};
use jackfield_runtime::Environment;
use serde_json::{Map, Value};

/// The clients whose files can be read.
pub(crate) const CLIENTS: [Client; 4] =
    [Client::ClaudeCode, Client::ClaudeDesktop, Client::Cursor, Client::VsCode];

/// The servers in the file of a client.
#[derive(Debug)]
pub(crate) struct ClientServers {
    pub(crate) file: PathBuf,
    pub(crate) client: Client,
    pub(crate) servers: Vec<ListedServer>,
    /// The inputs for which VS Code asks its user: the id and the description of each.
    pub(crate) inputs: Vec<(String, String)>,
    /// The folder that `${workspaceFolder}` stands for.
    pub(crate) workspace: PathBuf,
}

/// A server in the file of a client.
#[derive(Clone, Debug)]
pub(crate) struct ListedServer {
    pub(crate) name: String,
    pub(crate) entry: Map<String, Value>,
}

impl ClientServers {
    /// Reads the file `from`, or the user's file of a client if `from` names a client.
    ///
    /// # Errors
    /// Returns an error if the file does not exist, or if it does not contain a server.
    pub(crate) fn read(from: &str, named: Option<Client>, environment: &Environment) -> Result<Self, String> {
        let folder = std::env::current_dir().map_err(|error| format!("this folder: {error}"))?;
        let client = from.parse::<Client>().ok().filter(|_| !Path::new(from).exists());
        let file = match client {
            Some(client) => {
                check(client)?;
                let surroundings = Surroundings {
                    system: System::of_process(),
                    variable: &|name| environment.get(name),
                    project: &folder.to_string_lossy(),
                };
                Place::of(client, Scope::User, &surroundings).map_err(|error| error.to_string())?.file
            }
            None => PathBuf::from(from),
        };
        let text = crate::config::file::text(&file).map_err(|error| {
            let known = CLIENTS.map(Client::word).join(", ");
            match client {
                Some(client) => format!("{client} has no file {}: {error}", file.display()),
                None => format!("{} cannot be read: {error}; name a file, or one of {known}", file.display()),
            }
        })?;
        let root = read_json(&file, &text).map_err(|error| error.to_string())?;
        let client = named.or(client).unwrap_or_else(|| guessed(&file, &root));
        check(client)?;
        let file = std::path::absolute(&file).unwrap_or(file);
        let mut servers = Vec::new();
        let key = if client == Client::VsCode { "servers" } else { "mcpServers" };
        add_servers(root.get(key), &mut servers);
        // Claude Code keeps the servers of each project in the file of the user.
        let project =
            root.get("projects").and_then(|projects| projects.get(folder.to_string_lossy().as_ref()));
        add_servers(project.and_then(|project| project.get("mcpServers")), &mut servers);
        if servers.is_empty() {
            return Err(format!(
                "{} has no servers in `{key}`, where {client} reads them; if it is the file of another client, name that with --as CLIENT",
                file.display()
            ));
        }
        let inputs = root.get("inputs").and_then(Value::as_array).into_iter().flatten();
        let text_of = |input: &Value, key: &str| input.get(key).and_then(Value::as_str).map(str::to_owned);
        let inputs = inputs.filter_map(|input| {
            let id = text_of(input, "id")?;
            Some((id.clone(), text_of(input, "description").unwrap_or(id)))
        });
        Ok(Self { workspace: workspace_of(&file), client, servers, inputs: inputs.collect(), file })
    }
}

/// Refuses a client whose files have another format.
fn check(client: Client) -> Result<(), String> {
    match CLIENTS.contains(&client) {
        true => Ok(()),
        false => Err(format!(
            "the servers of {client} cannot be imported: add them one by one with `jackfield-gateway add NAME`; `import` reads the files of {}",
            CLIENTS.map(Client::word).join(", ")
        )),
    }
}

/// Guesses the client that a file belongs to, by the name and content of the file.
fn guessed(file: &Path, root: &Value) -> Client {
    let folder = file.parent().and_then(Path::file_name).and_then(|it| it.to_str()).unwrap_or_default();
    let name = file.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    match (folder, name) {
        (_, "claude_desktop_config.json") => Client::ClaudeDesktop,
        (".cursor", _) => Client::Cursor,
        (".vscode", _) => Client::VsCode,
        _ if root.get("servers").is_some_and(Value::is_object) => Client::VsCode,
        _ => Client::ClaudeCode,
    }
}

fn add_servers(value: Option<&Value>, servers: &mut Vec<ListedServer>) {
    for (name, entry) in value.and_then(Value::as_object).into_iter().flatten() {
        let entry = entry.as_object().cloned().unwrap_or_default();
        servers.push(ListedServer { name: name.clone(), entry });
    }
}

/// Returns the folder of the project to which a file belongs.
fn workspace_of(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(Path::new("."));
    match folder.file_name().and_then(|name| name.to_str()) {
        Some(".cursor" | ".vscode") => folder.parent().unwrap_or(folder).to_owned(),
        _ => folder.to_owned(),
    }
}

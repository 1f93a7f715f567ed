//! Entries of servers, in the formats of the clients.

use serde_json::{Map, Value, json};

use crate::client::{Client, Format, Reference};
use crate::error::ClientError;
use crate::server::{Server, Start, Variable};
use crate::{json, toml};

/// The entry of a server in the format of a client.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub(crate) client: Client,
    pub(crate) name: String,
    /// The value of the entry. Its key is the name of the server.
    pub(crate) value: Value,
    /// The `inputs` for which VS Code asks its user. The file contains them beside the servers.
    pub(crate) inputs: Vec<Value>,
    pub(crate) left_out: Vec<String>,
}

impl Entry {
    /// Returns the text of a configuration file that contains only this entry.
    pub fn text(&self) -> String {
        match self.client.format() {
            Format::Toml { servers } => toml::block(servers, &self.name, &self.value, "\n"),
            Format::Json { servers } => {
                let mut root = Map::new();
                if !self.inputs.is_empty() {
                    root.insert("inputs".to_owned(), Value::Array(self.inputs.clone()));
                }
                root.insert(servers.to_owned(), json!({ self.name.as_str(): self.value }));
                json::pretty(&Value::Object(root), "  ", "", "\n") + "\n"
            }
        }
    }

    /// Returns the variables to which the entry cannot refer, because the client takes every value literally.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }
}

/// Builds the entry of a server in the format of a client.
///
/// # Errors
/// Returns an error if the client does not support this kind of server, or if the name of the server is not [valid](Server::is_name).
pub fn entry(client: Client, server: &Server) -> Result<Entry, ClientError> {
    if !Server::is_name(&server.name) {
        let text =
            format!("`{}` cannot be the name of an entry: use 1 to 64 of A-Z a-z 0-9 _ -", server.name);
        return Err(ClientError::Unsupported { text });
    }
    let mut entry = Entry {
        client,
        name: server.name.clone(),
        value: Value::Null,
        inputs: Vec::new(),
        left_out: Vec::new(),
    };
    let mut value = Map::new();
    match &server.start {
        Start::Stdio { command, args, variables } => {
            if has_type(client) {
                value.insert("type".to_owned(), json!("stdio"));
            }
            value.insert("command".to_owned(), json!(command));
            if !args.is_empty() {
                value.insert("args".to_owned(), json!(args));
            }
            entry.refer_to(variables, &mut value);
        }
        Start::Http { url, token } => {
            check_http(client, server)?;
            if has_type(client) || client == Client::GeminiCli {
                value.insert("type".to_owned(), json!("http"));
            }
            let key = if client == Client::Windsurf { "serverUrl" } else { "url" };
            value.insert(key.to_owned(), json!(url));
            if let Some(token) = token {
                entry.authenticate_with(token, &mut value);
            }
        }
    }
    entry.value = Value::Object(value);
    Ok(entry)
}

/// Whether entries of the client state the type of the transport. Other clients recognise the transport by the key `command` or `url`.
const fn has_type(client: Client) -> bool {
    matches!(client, Client::ClaudeCode | Client::VsCode)
}

fn check_http(client: Client, server: &Server) -> Result<(), ClientError> {
    if client != Client::ClaudeDesktop {
        return Ok(());
    }
    Err(ClientError::Unsupported {
        text: format!(
            "{client} can only start programs, and cannot connect to a URL: leave out --http, or add a server with \
             a public URL as `{}` under Connectors in the Settings of {client}",
            server.name
        ),
    })
}

impl Entry {
    /// Adds references to the environment variables of a program.
    fn refer_to(&mut self, variables: &[Variable], value: &mut Map<String, Value>) {
        if variables.is_empty() {
            return;
        }
        match self.client.reference() {
            Reference::None => self.left_out.extend(variables.iter().map(|variable| variable.name.clone())),
            Reference::Names => {
                let names: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
                value.insert("env_vars".to_owned(), json!(names));
            }
            _ => {
                let mut env = Map::new();
                for variable in variables {
                    let reference = self.reference(variable);
                    env.insert(variable.name.clone(), json!(reference));
                }
                value.insert("env".to_owned(), Value::Object(env));
            }
        }
    }

    /// Adds a reference to the variable with the bearer token.
    fn authenticate_with(&mut self, token: &Variable, value: &mut Map<String, Value>) {
        match self.client.reference() {
            Reference::None => self.left_out.push(token.name.clone()),
            Reference::Names => {
                value.insert("bearer_token_env_var".to_owned(), json!(token.name));
            }
            // If the variable were replaced by an empty string, the server would report a wrong token instead of a missing variable.
            Reference::DollarOrEmpty => {
                let header = format!("Bearer ${{{}}}", token.name);
                value.insert("headers".to_owned(), json!({ "Authorization": header }));
            }
            _ => {
                let header = format!("Bearer {}", self.reference(token));
                value.insert("headers".to_owned(), json!({ "Authorization": header }));
            }
        }
    }

    fn reference(&mut self, variable: &Variable) -> String {
        let name = &variable.name;
        match self.client.reference() {
            Reference::DollarOrEmpty => format!("${{{name}:-}}"),
            Reference::DollarEnv => format!("${{env:{name}}}"),
            Reference::Input => {
                let id = name.to_lowercase().replace('_', "-");
                let mut input = Map::new();
                input.insert("type".to_owned(), json!("promptString"));
                input.insert("id".to_owned(), json!(id));
                input.insert("description".to_owned(), json!(variable.meaning));
                if variable.is_secret {
                    input.insert("password".to_owned(), json!(true));
                }
                self.inputs.push(Value::Object(input));
                format!("${{input:{id}}}")
            }
            Reference::Dollar | Reference::Names | Reference::None => format!("${{{name}}}"),
        }
    }
}

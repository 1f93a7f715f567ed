//! Entries for the configuration files of MCP clients. The entries start the server from the unpacked archive.

use jackfield_clients::{Client, Entry, Server, Start, System, Variable, entry};

use crate::error::ShipError;
use crate::file::PackageFile;
use crate::markdown::plain;
use crate::shipment::{Argument, Payload, Shipment};

/// Returns one file for each client, and a page for the people who copy the entries.
///
/// # Errors
/// Returns an error if the name of the connector is not a valid server name in clients.
pub(crate) fn client_entries(shipment: &Shipment) -> Result<Vec<PackageFile>, ShipError> {
    let root = archive_root(shipment);
    let payload = &shipment.payload;
    let expected = shipment.variables.iter().filter(|variable| variable.is_expected);
    let server = Server {
        name: shipment.name.clone(),
        start: Start::Stdio {
            command: native(payload, &format!("{root}{}", payload.program)),
            args: arguments(payload, &root),
            variables: expected
                .map(|it| Variable {
                    name: it.name.clone(),
                    meaning: it.title.clone(),
                    is_secret: it.is_secret,
                })
                .collect(),
        },
    };
    let mut files = Vec::new();
    let mut rows = String::new();
    for client in Client::ALL {
        let entry = entry(client, &server).map_err(|error| ShipError::NoEntry(error.to_string()))?;
        let path = format!("{}.{}", client.word(), client.extension());
        rows.push_str(&row(client, &path, &entry));
        files.push(PackageFile::data(path, entry.text()));
    }
    files.push(PackageFile::data("README.md", readme(shipment, &server, &rows)));
    Ok(files)
}

/// Returns the folder of the unpacked archive, with a separator at its end.
fn archive_root(shipment: &Shipment) -> String {
    let parent = shipment.unpacked_in.trim_end_matches(['/', '\\']);
    format!("{parent}/{}-{}/", shipment.name, shipment.version)
}

/// Returns the arguments of the program, with the path separators of the system.
fn arguments(payload: &Payload, root: &str) -> Vec<String> {
    let words = payload.arguments.iter();
    words
        .map(|word| match word {
            Argument::Word(word) => word.clone(),
            Argument::Path(path) => native(payload, &format!("{root}{path}")),
        })
        .collect()
}

fn native(payload: &Payload, path: &str) -> String {
    if payload.platform.system == System::Windows { path.replace('/', "\\") } else { path.to_owned() }
}

fn row(client: Client, path: &str, entry: &Entry) -> String {
    let names: Vec<String> = entry.left_out().iter().map(|name| format!("`{name}`")).collect();
    format!("| {client} | `{path}` | {} |\n", names.join(", "))
}

fn readme(shipment: &Shipment, server: &Server, rows: &str) -> String {
    let Start::Stdio { command, args, variables } = &server.start else { return String::new() };
    let stem = shipment.file_stem();
    let words: Vec<&str> = std::iter::once(command).chain(args).map(String::as_str).collect();
    let quoted = |words: &[&str]| -> String {
        let quote = |word: &&str| match shipment.payload.platform.system {
            System::Windows if word.contains(' ') => format!("\"{word}\""),
            System::Windows => (*word).to_owned(),
            System::Linux | System::MacOs => jackfield_model::shell_quoted(word).into_owned(),
        };
        words.iter().map(quote).collect::<Vec<_>>().join(" ")
    };
    let mut text = format!(
        "# Entries for {}\n\n\
         Each file is a configuration that has only the server `{}`. Copy its entry into the file of your client. The server is started from \
         the archive `{stem}.tar.gz`, unpacked in {}:\n\n\
         ```sh\n{}\n```\n\n\
         From any other folder, the program writes an entry with its own path:\n\n\
         ```sh\n{} config cursor --write\n```\n\n\
         | client | entry | variables that the client cannot refer to |\n|---|---|---|\n{rows}",
        plain(&shipment.title, 80),
        shipment.name,
        plain(&shipment.unpacked_in, 200),
        quoted(&["tar", "-C", &shipment.unpacked_in, "-xzf", &format!("{stem}.tar.gz")]),
        quoted(&words),
    );
    if !variables.is_empty() {
        text.push_str(&format!(
            "\nThe entries refer to variables and contain no values. Set the variables in the environment of the client, or delete the references and store the \
             values with `{} auth set`:\n\n| variable | value |\n|---|---|\n",
            quoted(&words)
        ));
    }
    for variable in variables {
        text.push_str(&format!("| `{}` | {} |\n", variable.name, plain(&variable.meaning, 80)));
    }
    let mut others = shipment.variables.iter().filter(|variable| !variable.is_expected).peekable();
    if others.peek().is_some() {
        text.push_str(
            "\nThe program reads these variables too. If the program needs a variable, add a reference to that variable to the entry:\n\n| variable | value |\n|---|---|\n",
        );
    }
    for variable in others {
        text.push_str(&format!("| `{}` | {} |\n", variable.name, plain(&variable.title, 80)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::shipment;

    fn text_of(files: &[PackageFile], path: &str) -> String {
        let file = files.iter().find(|file| file.path == path).expect("the file is there");
        String::from_utf8(file.bytes.clone()).expect("the file is text")
    }

    #[test]
    fn entry_of_every_client_starts_the_unpacked_archive() {
        let files = client_entries(&shipment()).expect("the name is valid");
        assert_eq!(files.len(), Client::ALL.len() + 1);
        for client in Client::ALL {
            let text = text_of(&files, &format!("{}.{}", client.word(), client.extension()));
            for word in ["/opt/shop-1.2.3/jackfield", "serve", "/opt/shop-1.2.3/connector"] {
                assert!(text.contains(&format!("\"{word}\"")), "{client}: {text}");
            }
        }
        let readme = text_of(&files, "README.md");
        assert!(readme.contains("tar -C /opt -xzf shop-1.2.3-linux-amd64.tar.gz"), "{readme}");
        assert!(readme.contains("| Zed | `zed.json` | `SHOP_TOKEN` |"), "{readme}");
        let (referred, others) =
            readme.split_once("The program reads these variables too").expect("there are others");
        assert!(referred.contains("| `SHOP_TOKEN` | The token |"), "{readme}");
        assert!(others.contains("| `SHOP_REGION` | The region |"), "{readme}");
    }

    #[test]
    fn client_entry_refers_to_credentials_but_not_to_optional_settings() {
        let files = client_entries(&shipment()).expect("the name is valid");
        let text = text_of(&files, "cursor.json");
        assert!(text.contains("\"SHOP_TOKEN\": \"${env:SHOP_TOKEN}\""), "{text}");
        assert!(!text.contains("SHOP_REGION"), "{text}");
    }

    #[test]
    fn windows_entries_use_backslashes_in_paths() {
        let mut it = shipment();
        it.payload.platform.system = System::Windows;
        it.unpacked_in = "C:\\Program Files".to_owned();
        let files = client_entries(&it).expect("the name is valid");
        let text = text_of(&files, "claude-code.json");
        assert!(text.contains(r#""C:\\Program Files\\shop-1.2.3\\connector""#), "{text}");
        let readme = text_of(&files, "README.md");
        assert!(readme.contains("tar -C \"C:\\Program Files\" -xzf"), "{readme}");
    }

    #[test]
    fn name_that_clients_refuse_is_an_error() {
        let mut it = shipment();
        it.name = "x".repeat(65);
        assert!(matches!(client_entries(&it), Err(ShipError::NoEntry(_))));
    }
}

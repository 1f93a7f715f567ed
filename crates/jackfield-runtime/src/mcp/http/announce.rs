//! The lines that tell a user how to connect a client.

use serde_json::json;

use super::server::HttpServer;
use super::token::Source;
use jackfield_recipe::shell_quoted;

/// Returns the lines. The first line contains the address. A generated token is shown in each form that a user can
/// paste. A stored token is not shown, but only its source.
pub(super) fn announcement(server: &HttpServer, connector: &str) -> Vec<String> {
    #[cfg(feature = "serve")]
    if let (Some(inbound), None) = (server.callers(), server.token()) {
        let place = match server.socket() {
            Some(socket) => format!("unix://{}", socket.to_string_lossy()),
            None => server.url(),
        };
        let mut lines = vec![format!("serving at {place}")];
        lines.extend(inbound.url.iter().map(|url| format!("clients reach this server at {url}")));
        if let Some(issuer) = &inbound.issuer {
            let audience = inbound.audience.clone().unwrap_or_else(|| server.public_url());
            lines.push(format!("clients need an access token of {}, for {audience}", issuer.issuer()));
        }
        let or = if inbound.issuer.is_some() { "or" } else { "clients need" };
        lines.push(format!("{or} a token that `token add NAME` created"));
        return lines;
    }
    if let Some(socket) = server.socket() {
        let shown = socket.to_string_lossy();
        let mut lines = vec![format!("serving at unix://{shown}, to the user who started this server")];
        if let Some(token) = server.token() {
            let (header, place) = header(token.source(), token.text());
            lines.push(format!("clients have to send the header{place}"));
            lines.push(format!("  {header}"));
        }
        let curl = format!("curl --unix-socket {} {}", shell_quoted(&shown), server.url());
        lines.push(format!("try the connection: {curl}"));
        return lines;
    }
    let url = server.url();
    let mut lines = vec![format!("serving at {url}")];
    let Some(token) = server.token() else {
        lines.push(
            "warning: every account on this machine can call these tools with your credentials (--http-auth none is for \
             tests)"
                .to_owned(),
        );
        return lines;
    };
    let (header, place) = header(token.source(), token.text());
    let value = header.strip_prefix("Authorization: ").unwrap_or_default();
    let entry = json!({ "mcpServers": { connector: {
        "type": "http", "url": url, "headers": { "Authorization": value },
    } } });
    lines.push(format!("clients have to send the header{place}"));
    lines.push(format!("  {header}"));
    lines.push("in .mcp.json:".to_owned());
    lines.push(format!("  {entry}"));
    lines
}

/// Returns the `Authorization` header line to send, and a text with the source of the token.
fn header(source: &Source, text: &str) -> (String, String) {
    let (value, place) = match source {
        Source::Made => (text.to_owned(), ", until this process ends".to_owned()),
        Source::Variable(name) => (format!("${{{name}}}"), format!(", with the token of {name}")),
        Source::File(path) => {
            let path = path.to_string_lossy();
            ("TOKEN".to_owned(), format!(", with the token of the file {}", shell_quoted(&path)))
        }
    };
    (format!("Authorization: Bearer {value}"), place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::error::ServeError;
    use crate::mcp::http::HttpToken;
    use std::net::SocketAddr;

    async fn server() -> Result<HttpServer, ServeError> {
        HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    #[tokio::test]
    async fn generated_token_is_shown_as_header_and_in_client_configuration() {
        let server = server().await.unwrap();
        let token = server.token().unwrap().text();
        let lines = announcement(&server, "shop");
        assert_eq!(lines[0], format!("serving at {}", server.url()));
        assert_eq!(lines[2], format!("  Authorization: Bearer {token}"));
        let entry: serde_json::Value = serde_json::from_str(&lines[4]).unwrap();
        let shop = &entry["mcpServers"]["shop"];
        assert_eq!(
            (shop["url"].as_str(), shop["type"].as_str()),
            (Some(server.url().as_str()), Some("http"))
        );
        assert_eq!(shop["headers"]["Authorization"], format!("Bearer {token}"));
    }

    #[tokio::test]
    async fn announcement_does_not_show_a_stored_token() {
        let folder = tempfile::tempdir().unwrap();
        let token = HttpToken::of_file(&folder.path().join("token")).unwrap();
        let text = token.text().to_owned();
        let server = server().await.unwrap().with_token(token);
        let lines = announcement(&server, "shop").join("\n");
        assert!(!lines.contains(&text) && lines.contains("the token of the file"), "{lines}");
    }

    #[tokio::test]
    async fn announcement_of_a_server_without_a_token_contains_a_warning() {
        let server = server().await.unwrap().without_token();
        assert!(announcement(&server, "shop")[1].starts_with("warning: every account"));
    }
}

//! A plugin for Claude Code and Cowork: the server, and a skill that works with and without the server.

use jackfield_model::Effect;
use jackfield_model::text::shorten;
use serde_json::{Map, Value, json};

use crate::file::PackageFile;
use crate::markdown::plain;
use crate::mcp_bundle::{environment, forms};
use crate::shipment::Shipment;
use crate::skill::skill;

/// The folder of the program in the plugin.
const FOLDER: &str = "server/";
/// The maximum length of a tool's name, including the prefix that clients add to tools of a plugin.
const LONGEST_NAME: usize = 64;
/// The name of the server that is used if the connector's name would make names of tools too long.
const SHORT_SERVER: &str = "api";

/// Returns the files of the plugin, except the files of the server.
pub(crate) fn plugin(shipment: &Shipment) -> Vec<PackageFile> {
    let mut manifest = Map::new();
    let mut put = |key: &str, value: Value| {
        manifest.insert(key.to_owned(), value);
    };
    put("name", shipment.name.clone().into());
    put("version", shipment.version.clone().into());
    put("description", shorten(&shipment.description, 200).into());
    put("author", json!({ "name": shipment.author }));
    if let Some(url) = &shipment.homepage {
        put("homepage", url.clone().into());
    }
    if let Some(url) = &shipment.repository {
        put("repository", url.clone().into());
    }
    if let Some(license) = &shipment.license {
        put("license", license.clone().into());
    }
    let forms = forms(&shipment.variables);
    let payload = &shipment.payload;
    let mut server = json!({
        "command": format!("${{CLAUDE_PLUGIN_ROOT}}/{FOLDER}{}", payload.program),
        "args": payload.arguments_in(&format!("${{CLAUDE_PLUGIN_ROOT}}/{FOLDER}")),
    });
    if !forms.is_empty() {
        put("userConfig", forms.into());
        server["env"] = environment(&shipment.variables);
    }
    let servers = json!({ "mcpServers": { server_name(shipment): server } });
    vec![
        PackageFile::data(".claude-plugin/plugin.json", crate::json::json_text(&manifest.into())),
        PackageFile::data(".mcp.json", crate::json::json_text(&servers)),
        PackageFile::data("CONNECTORS.md", connectors(shipment)),
        PackageFile::data("README.md", readme(shipment)),
        PackageFile::data(format!("skills/{}/SKILL.md", shipment.name), skill(shipment)),
    ]
}

/// Returns the path that a file of the server has in the plugin.
pub(crate) fn place_of(file: &PackageFile) -> String {
    format!("{FOLDER}{}", file.path)
}

/// Returns the name of the server. Clients make it a part of the names of tools.
fn server_name(shipment: &Shipment) -> &str {
    let has_room =
        shipment.tools().all(|tool| called(shipment, &shipment.name, &tool.name).len() <= LONGEST_NAME);
    if has_room { &shipment.name } else { SHORT_SERVER }
}

/// Returns the name that the client gives to a tool.
fn called(shipment: &Shipment, server: &str, tool: &str) -> String {
    format!("mcp__plugin_{}_{server}__{tool}", shipment.name)
}

/// Returns the tools whose names are too long with the prefix of the client.
pub(crate) fn long_names(shipment: &Shipment) -> Vec<String> {
    let server = server_name(shipment);
    let called = shipment.tools().map(|tool| (tool, called(shipment, server, &tool.name).len()));
    called.filter(|(_, length)| *length > LONGEST_NAME).map(|(tool, _)| tool.name.clone()).collect()
}

/// Returns the page for people who install the plugin.
fn readme(shipment: &Shipment) -> String {
    let count = |effect: Effect| shipment.tools().filter(|tool| tool.effect == effect).count();
    let mut text = format!(
        "# {}\n\n{}\n\n\
         This plugin starts an MCP server on {}, with {} tools that read, {} that write and {} that destroy something, and a skill that \
         tells Claude when and how to use them. The skill also works without the server, on data that you give.\n",
        plain(&shipment.title, 80),
        plain(&shipment.description, 400),
        shipment.payload.platform.label(),
        count(Effect::Read),
        count(Effect::Write),
        count(Effect::Destroy),
    );
    if !shipment.variables.is_empty() {
        text.push_str(
            "\nClaude asks for these values when the plugin is enabled:\n\n| value | meaning |\n|---|---|\n",
        );
    }
    for variable in &shipment.variables {
        text.push_str(&format!(
            "| {} | {} |\n",
            plain(&variable.title, 80),
            plain(&variable.description, 200)
        ));
    }
    text
}

/// Returns the page that explains the placeholder `~~category`.
fn connectors(shipment: &Shipment) -> String {
    let Shipment { name, category, .. } = shipment;
    format!(
        "# Connectors\n\n\
         A skill that says `~~{category}` means any connector of that category. The plugin works without one, on data that the user gives.\n\n\
         | Category | Placeholder | Included servers | Other options |\n|---|---|---|---|\n\
         | {category} | `~~{category}` | `{name}` ({}) | any MCP server for {category} |\n",
        plain(&shipment.title, 80)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::shipment;

    #[test]
    fn server_name_in_the_plugin_is_shortened_for_long_tool_names() {
        let mut it = shipment();
        assert_eq!(server_name(&it), "shop");
        it.groups[0].tools[0].name = "x".repeat(64 - "mcp__plugin_shop_api__".len());
        assert_eq!(server_name(&it), SHORT_SERVER);
        assert_eq!(long_names(&it), Vec::<String>::new());
        it.groups[0].tools[0].name.push('x');
        assert_eq!(long_names(&it).len(), 1);
    }
}

//! The packages of a connector, as files in memory.

use jackfield_model::hex_encode;
use sha2::{Digest as _, Sha256};

use crate::archive::archive;
use crate::bill_of_materials::bill_of_materials;
use crate::client_entries::client_entries;
use crate::error::ShipError;
use crate::file::PackageFile;
use crate::image::image;
use crate::mcp_bundle::mcp_bundle;
use crate::plugin::{self, plugin};
use crate::server_json::server_json;
use crate::shipment::{Published, Shipment};

/// The name of the file with the digests of all other files.
pub const CHECKSUMS: &str = "SHA256SUMS";

/// A kind of package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Package {
    /// The entry of the MCP Registry.
    ServerJson,
    /// The bundle for desktop clients.
    McpBundle,
    /// The container image.
    Image,
    /// The plugin.
    Plugin,
    /// The archive for people who start the server themselves.
    Archive,
    /// The entries for the files of clients.
    ClientEntries,
}

impl Package {
    /// All kinds of packages.
    pub const ALL: [Self; 6] =
        [Self::ServerJson, Self::McpBundle, Self::Image, Self::Plugin, Self::Archive, Self::ClientEntries];
}

/// The files of packages, and notes for the user.
#[derive(Debug, Default)]
pub struct Packages {
    /// The files, with paths relative to one folder.
    pub files: Vec<PackageFile>,
    /// Notes about packages that are incomplete, such as names that clients refuse.
    pub notes: Vec<String>,
}

/// Makes the packages. The shipment determines the bytes, on every machine.
///
/// # Errors
/// Returns an error if one of the packages cannot be made.
pub fn packages(shipment: &Shipment, kinds: &[Package]) -> Result<Packages, ShipError> {
    let mut made = Packages::default();
    let materials = (!shipment.components.is_empty())
        .then(|| PackageFile::data("sbom.cdx.json", crate::json::json_text(&bill_of_materials(shipment))));
    let more: Vec<&PackageFile> = materials.iter().collect();
    let stem = shipment.file_stem();
    let needs_digest = kinds.contains(&Package::ServerJson)
        && shipment.published.iter().any(|place| matches!(place, Published::Bundle(_)));
    let mut digest = String::new();
    if kinds.contains(&Package::McpBundle) || needs_digest {
        let bundle = mcp_bundle(shipment, &more)?;
        digest = hex_encode(&Sha256::digest(&bundle));
        if kinds.contains(&Package::McpBundle) {
            made.files.push(PackageFile::data(format!("{stem}.mcpb"), bundle));
        }
    }
    if kinds.contains(&Package::ServerJson)
        && let Some(entry) = server_json(shipment, &digest)
    {
        made.files.push(PackageFile::data("server.json", crate::json::json_text(&entry)));
    }
    if kinds.contains(&Package::Image) {
        let files = image(shipment, &more)?.into_iter();
        made.files.extend(files.map(|file| below("image", file)));
    }
    if kinds.contains(&Package::Plugin) {
        let server = shipment.payload.files.iter();
        let server = server.map(|file| file.copied_to(plugin::place_of(file)));
        made.files.extend(plugin(shipment).into_iter().chain(server).map(|file| below("plugin", file)));
        let long = plugin::long_names(shipment);
        if !long.is_empty() {
            made.notes.push(format!(
                "with the prefix of a plugin, the names of these tools have more than 64 characters, so clients refuse the tools: {}. Rename the tools in connector.toml",
                long.join(", ")
            ));
        }
    }
    if kinds.contains(&Package::Archive) {
        made.files.push(PackageFile::data(format!("{stem}.tar.gz"), archive(shipment, &more)?));
    }
    if kinds.contains(&Package::ClientEntries) {
        let files = client_entries(shipment)?.into_iter();
        made.files.extend(files.map(|file| below("clients", file)));
    }
    made.files.sort_by(|a, b| a.path.cmp(&b.path));
    made.files.push(PackageFile::data(CHECKSUMS, checksums(&made.files)));
    Ok(made)
}

fn below(folder: &str, file: PackageFile) -> PackageFile {
    let path = format!("{folder}/{}", file.path);
    file.at(path)
}

/// Formats the digests like the program `sha256sum`.
fn checksums(files: &[PackageFile]) -> String {
    let lines = files.iter();
    lines.map(|file| format!("{}  {}\n", hex_encode(&Sha256::digest(&file.bytes)), file.path)).collect()
}

/// Parses the output of `sha256sum`. Returns pairs of path and digest. Invalid lines, and paths that lead out of the folder, are skipped.
pub fn parse_checksums(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let (digest, path) = line.split_once("  ")?;
        let is_inside = !path.is_empty()
            && !path.contains('\\')
            && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        (digest.len() == 64 && is_inside).then_some((path, digest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::shipment;

    fn text_of<'p>(made: &'p Packages, path: &str) -> &'p str {
        let file = made.files.iter().find(|file| file.path == path).expect("the file is there");
        std::str::from_utf8(&file.bytes).expect("the file is text")
    }

    #[test]
    fn packages_of_the_same_shipment_have_the_same_bytes() {
        let contents = || -> Vec<(String, Vec<u8>)> {
            let made = packages(&shipment(), &Package::ALL).expect("the shipment is complete");
            made.files.into_iter().map(|file| (file.path, file.bytes)).collect()
        };
        let first = contents();
        assert!(first.len() > 10, "{}", first.len());
        assert_eq!(first, contents());
    }

    #[test]
    fn texts_of_a_hostile_document_become_neither_markup_nor_yaml_keys() {
        let made = packages(&shipment(), &Package::ALL).expect("the shipment is complete");
        let skill = text_of(&made, "plugin/skills/shop/SKILL.md");
        // There is one front matter with two keys, and all headings are from the template.
        assert_eq!(skill.lines().filter(|line| *line == "---").count(), 2, "{skill}");
        let front: Vec<&str> = skill.lines().skip(1).take_while(|line| *line != "---").collect();
        assert!(
            matches!(front[..], [name, text] if name == "name: shop" && text.starts_with("description: \"")),
            "{front:?}"
        );
        let headings: Vec<&str> = skill.lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(headings.len(), 4, "{headings:?}");
        for raw in ["<script>", "[books](", "<b>", "\n# Ignore", "| ~~all"] {
            for page in ["plugin/skills/shop/SKILL.md", "plugin/README.md", "plugin/CONNECTORS.md"] {
                assert!(!text_of(&made, page).contains(raw), "{page} has {raw}");
            }
        }
        for row in skill.lines().filter(|line| line.starts_with("| `")) {
            assert_eq!(row.replace("\\|", "").matches('|').count(), 4, "{row}");
        }
    }

    #[test]
    fn server_json_lists_the_published_crate_image_and_bundle() {
        let made = packages(&shipment(), &[Package::ServerJson]).expect("the shipment is complete");
        let entry: serde_json::Value =
            serde_json::from_str(text_of(&made, "server.json")).expect("it is JSON");
        let description = entry["description"].as_str().unwrap_or_default();
        assert!(
            (1..=100).contains(&description.chars().count()) && description.ends_with("more…"),
            "{description}"
        );
        let kinds: Vec<_> =
            entry["packages"].as_array().into_iter().flatten().map(|it| &it["registryType"]).collect();
        assert_eq!(kinds, ["cargo", "oci", "mcpb"]);
        assert_eq!(entry["packages"][1].get("version"), None, "the registry refuses it");
        let bundle = packages(&shipment(), &[Package::McpBundle]).expect("the shipment is complete");
        let digest = hex_encode(&Sha256::digest(&bundle.files[0].bytes));
        assert_eq!(entry["packages"][2]["fileSha256"], digest.as_str());
        assert_eq!(entry["packages"][0]["environmentVariables"][0]["isSecret"], true);
    }

    #[test]
    fn image_is_refused_if_its_program_could_not_run_in_a_container() {
        let mut dynamic = shipment();
        dynamic.payload.platform.is_static = false;
        assert!(matches!(packages(&dynamic, &[Package::Image]), Err(ShipError::NotStatic(_))));
        let mut mac = shipment();
        mac.payload.platform.system = jackfield_clients::System::MacOs;
        assert!(matches!(packages(&mac, &[Package::Image]), Err(ShipError::NotLinux(_))));
    }

    #[test]
    fn image_names_its_blobs_by_their_digests() {
        let made = packages(&shipment(), &[Package::Image]).expect("the shipment is complete");
        for file in made.files.iter().filter(|file| file.path.starts_with("image/blobs/sha256/")) {
            assert_eq!(file.path.rsplit('/').next(), Some(hex_encode(&Sha256::digest(&file.bytes)).as_str()));
        }
        let index: serde_json::Value =
            serde_json::from_str(text_of(&made, "image/index.json")).expect("it is JSON");
        let blob = |descriptor: &serde_json::Value| -> serde_json::Value {
            let digest = descriptor["digest"].as_str().unwrap_or_default().replace(':', "/");
            serde_json::from_str(text_of(&made, &format!("image/blobs/{digest}"))).expect("it is JSON")
        };
        let manifest = blob(&index["manifests"][0]);
        let config = blob(&manifest["config"]);
        assert_eq!(config["config"]["User"], "65532:65532");
        assert_eq!(
            config["config"]["Entrypoint"],
            serde_json::json!(["/app/jackfield", "serve", "/app/connector"])
        );
        assert_eq!(config["config"]["Labels"]["io.modelcontextprotocol.server.name"], "io.github.acme/shop");
        assert_eq!(manifest["layers"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn checksum_lines_with_paths_outside_the_folder_are_skipped() {
        let digest = "0".repeat(64);
        for path in ["../x", "/etc/passwd", "a/../b", "", "a//b", ".", "a\\b"] {
            assert_eq!(parse_checksums(&format!("{digest}  {path}\n")).count(), 0, "{path}");
        }
        assert_eq!(parse_checksums(&format!("{digest}  a/b.json\nnoise\n")).count(), 1);
    }
}

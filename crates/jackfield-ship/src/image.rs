//! A container image as an OCI layout, made without a daemon: one layer with a static program.

use jackfield_clients::System;
use jackfield_model::hex_encode;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use crate::error::ShipError;
use crate::file::PackageFile;
use crate::shipment::Shipment;
use crate::tar::{Owner, Tar};

/// The folder of the program in the image.
const FOLDER: &str = "app/";
const HOME: &str = "home/nonroot";
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";
/// A fixed time, so that images with the same content are identical.
const CREATED: &str = "1970-01-01T00:00:00Z";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Returns the files of the layout.
///
/// # Errors
/// Returns an error if the program cannot run in an image without other files, or a path is too long for an archive.
pub(crate) fn image(shipment: &Shipment, more: &[&PackageFile]) -> Result<Vec<PackageFile>, ShipError> {
    let payload = &shipment.payload;
    if payload.platform.system != System::Linux {
        return Err(ShipError::NotLinux(payload.program.clone()));
    }
    if !payload.platform.is_static {
        return Err(ShipError::NotStatic(payload.program.clone()));
    }
    let layer = layer(shipment, more)?;
    let platform = (payload.platform.architecture, "linux");
    let mut entrypoint = vec![format!("/{FOLDER}{}", payload.program)];
    entrypoint.extend(payload.arguments_in(&format!("/{FOLDER}")));
    let labels = labels(shipment);
    let config = json!({
        "created": CREATED,
        "architecture": platform.0,
        "os": platform.1,
        "config": {
            "User": format!("{0}:{0}", Owner::NOBODY),
            "Env": [format!("PATH=/{}", FOLDER.trim_end_matches('/')), format!("HOME=/{HOME}"), format!("SSL_CERT_FILE=/{CERTIFICATES}")],
            "Entrypoint": entrypoint,
            "WorkingDir": format!("/{HOME}"),
            "Labels": labels,
        },
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", hex_encode(&layer.digest))] },
        "history": [{ "created": CREATED, "created_by": "jackfield ship" }],
    });
    let mut files = vec![PackageFile::data("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}\n")];
    let mut blob = |bytes: Vec<u8>, media_type: &str| {
        let digest = hex_encode(&Sha256::digest(&bytes));
        let descriptor =
            json!({ "mediaType": media_type, "digest": format!("sha256:{digest}"), "size": bytes.len() });
        files.push(PackageFile::data(format!("blobs/sha256/{digest}"), bytes));
        descriptor
    };
    let config = blob(crate::json::json_text(&config), "application/vnd.oci.image.config.v1+json");
    let layer = blob(layer.gzip, "application/vnd.oci.image.layer.v1.tar+gzip");
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer], "annotations": labels,
    });
    let mut manifest = blob(crate::json::json_text(&manifest), MANIFEST);
    manifest["platform"] = json!({ "architecture": platform.0, "os": platform.1 });
    manifest["annotations"] = json!({ "org.opencontainers.image.ref.name": shipment.version });
    let index = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [manifest],
    });
    files.push(PackageFile::data("index.json", crate::json::json_text(&index)));
    Ok(files)
}

/// Returns the labels that describe the image to registries and people.
fn labels(shipment: &Shipment) -> Value {
    let named = [
        ("io.modelcontextprotocol.server.name", shipment.registry_name.as_ref()),
        ("org.opencontainers.image.authors", Some(&shipment.author)),
        ("org.opencontainers.image.description", Some(&shipment.description)),
        ("org.opencontainers.image.licenses", shipment.license.as_ref()),
        ("org.opencontainers.image.source", shipment.repository.as_ref()),
        ("org.opencontainers.image.title", Some(&shipment.title)),
        ("org.opencontainers.image.url", shipment.homepage.as_ref()),
        ("org.opencontainers.image.version", Some(&shipment.version)),
    ];
    let labels = named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.clone().into())));
    Value::Object(labels.collect::<Map<_, _>>())
}

/// Returns the file system of the image. Every folder has an entry with its owner, because otherwise the program that
/// unpacks the image would choose the owner.
fn layer(shipment: &Shipment, more: &[&PackageFile]) -> Result<crate::tar::Archive, ShipError> {
    let nobody = Owner::NOBODY;
    let system = [
        PackageFile::data("etc/group", format!("root:x:0:\nnonroot:x:{nobody}:\n")),
        // Without this file, glibc does not read /etc/hosts.
        PackageFile::data("etc/nsswitch.conf", "hosts: files dns\n"),
        PackageFile::data(
            "etc/passwd",
            format!("root:x:0:0::/:/none\nnonroot:x:{nobody}:{nobody}::/{HOME}:/none\n"),
        ),
        PackageFile::data(CERTIFICATES, certificates()),
    ];
    let payload = shipment.payload.files.iter().map(|file| (format!("{FOLDER}{}", file.path), file));
    let more = more.iter().map(|file| (format!("usr/share/doc/{}/{}", shipment.name, file.path), *file));
    let mut files: Vec<(String, &PackageFile)> =
        system.iter().map(|file| (file.path.clone(), file)).chain(payload).chain(more).collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let mut folders: std::collections::BTreeMap<&str, (u32, Owner)> = files
        .iter()
        .flat_map(|(path, _)| path.match_indices('/').map(|(at, _)| (&path[..at], (0o755, Owner::Root))))
        .collect();
    folders.insert("home", (0o755, Owner::Root));
    folders.insert(HOME, (0o700, Owner::Nobody));
    folders.insert("tmp", (0o1777, Owner::Root));
    let mut tar = Tar::new();
    for (path, (mode, owner)) in folders {
        tar.folder(path, mode, owner)?;
    }
    for (path, file) in files {
        tar.file(&path, file)?;
    }
    Ok(tar.finish())
}

/// Returns the certificate authorities that browsers trust, in PEM. They are compiled into this crate, so that images
/// do not depend on the machine.
fn certificates() -> String {
    let mut text = String::new();
    for certificate in TLS_SERVER_ROOT_CERTS {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in base64(certificate).as_bytes().chunks(64) {
            text.extend(line.iter().copied().map(char::from));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

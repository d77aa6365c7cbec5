//! Badge files that are made to hurt whoever reads them.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc, FlushCompress, Status};
use serde_json::{Value, json};

/// A document that says that `issuer` issued it and signed it with `key`, with two subjects that have `number` identifiers each that look
/// alike: giving each a name of its own takes RDFC-1.0 a time that grows faster than any power of their number.
pub fn lookalikes(issuer: &str, key: &str, number: usize) -> Value {
    let subject = json!({
        "type": ["AchievementSubject"],
        "identifier": vec![json!({ "type": ["IdentityObject"] }); number],
    });
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": { "id": issuer, "type": ["Profile"] },
        "credentialSubject": [subject, subject],
        "proof": {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "proofPurpose": "assertionMethod",
            "verificationMethod": format!("{issuer}#{key}"),
            "proofValue": format!("z{}", bs58::encode([7; 64]).into_string()),
        },
    })
}

/// A PNG whose text under the keyword of a credential is packed and grows to so many megabytes.
pub fn swelling_png(megabytes: usize) -> Vec<u8> {
    // a piece that stands for itself may be repeated as it is
    let zeros = vec![0_u8; 1 << 20];
    let mut packer = flate2::Compress::new(Compression::best(), false);
    let mut piece = Vec::with_capacity(1 << 16);
    let status = packer.compress_vec(&zeros, &mut piece, FlushCompress::Full).unwrap();
    assert_eq!((status, packer.total_in()), (Status::Ok, 1 << 20));
    let mut packed = vec![0x78, 0xda];
    for _ in 0..megabytes {
        packed.extend_from_slice(&piece);
    }
    // the end of a packed text without anything in it
    packed.extend_from_slice(&[0x03, 0x00, 0, 0, 0, 0]);
    packed_png(&packed)
}

/// A PNG with this text under the keyword of a credential, packed as other wallets may pack it.
pub fn png_with_packed(text: &str) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer.write_all(text.as_bytes()).unwrap();
    packed_png(&packer.finish().unwrap())
}

fn packed_png(packed: &[u8]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]));
    png.extend(chunk(b"iTXt", &[b"openbadgecredential\0\x01\0\0\0", packed].concat()));
    png.extend(chunk(b"IDAT", &[0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0, 1]));
    png.extend(chunk(b"IEND", &[]));
    png
}

fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(body);
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length[..], kind, body, &crc.sum().to_be_bytes()].concat()
}

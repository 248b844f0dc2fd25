use pgp::composed::KeyType;
use pgp::crypto::ecc_curve::ECCCurve;
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Notation, SignatureConfig, SignatureType, SubpacketData};
use pgp::types::{KeyDetails, RevocationKey, RevocationKeyClass, Tag};

use super::testing::*;
use crate::sign::{Certificates, Clock, Revoked, Signers, Verdict};

const PAYLOAD: &[u8] = b"tree 1\n";

/// Ten days after the keys were made.
const NOW: i64 = MADE as i64 + 10 * DAY as i64;

fn ring(packets: &[u8]) -> Signers {
    let text = keys_text(packets);
    Signers {
        certificates: Certificates::read("ann.asc", "ann", text.as_bytes()).unwrap(),
        ..Signers::default()
    }
}

fn said(verdict: &Verdict) -> String {
    let mut said = verdict.standing.name().to_owned();
    for (before, part) in [(" by ", &verdict.signer), (": ", &verdict.reason)] {
        if let Some(part) = part {
            said.push_str(before);
            said.push_str(part);
        }
    }
    if verdict.is_malformed {
        said.push_str(" (malformed)");
    }
    said
}

fn judged_at(signers: &Signers, text: &str, at: i64) -> String {
    let later = Certificates::default();
    let clock = Clock {
        at,
        now: Some(at),
        later: &later,
    };
    said(&signers.verify_object(PAYLOAD, text.as_bytes(), 0, &clock))
}

fn judged(packets: &[u8], text: &str) -> String {
    judged_at(&ring(packets), text, NOW)
}

fn refused(packets: &[u8]) -> String {
    let text = keys_text(packets);
    let error = Certificates::read("ann.asc", "ann", text.as_bytes()).unwrap_err();
    assert!(error.help().is_some());
    error.to_string()
}

/// What becomes of a sound certificate's signature, whose frame is changed.
fn with(change: impl FnOnce(&mut SignatureConfig)) -> String {
    let ann = Owner::new(1);
    let mut frame = config(SignatureType::Binary, &ann.key, 1, Vec::new());
    change(&mut frame);
    let text = signature_text(&bytes(&sign(&ann.key, PAYLOAD, frame)));
    judged(&ann.certificate(vec![signs(true)]), &text)
}

/// What becomes of a sound signature by a key of which this is said.
fn where_said(more: Vec<SubpacketData>) -> String {
    let ann = Owner::new(1);
    judged(&ann.certificate(more), &ann.signs(PAYLOAD, 1))
}

#[test]
fn a_signature_is_good_where_its_certificate_is_listed() {
    let (ann, bob) = (Owner::new(1), Owner::new(2));
    let signers = ring(&ann.certificate(vec![signs(true)]));
    assert_eq!(
        judged_at(&signers, &ann.signs(PAYLOAD, 1), NOW),
        "good by ann"
    );
    let later = Certificates::default();
    let clock = Clock {
        at: NOW,
        now: None,
        later: &later,
    };
    let text = ann.signs(PAYLOAD, 1);
    let verdict = signers.verify_object(PAYLOAD, text.as_bytes(), 0, &clock);
    assert_eq!(verdict.key, Some(ann.name_of_key()));
    let verdict = signers.verify_object(b"tree 2\n", text.as_bytes(), 0, &clock);
    assert_eq!(said(&verdict), "bad: it is not of what is signed here");
    assert_eq!(
        judged_at(&signers, &bob.signs(PAYLOAD, 1), NOW),
        "unknown: nobody is listed with its key"
    );
    // Several keys of one person, and lines for people.
    let both = format!("# laptop\n{}\n# phone\n{}", ann.exported(), bob.exported());
    let signers = Signers {
        certificates: Certificates::read("ann.asc", "ann", both.as_bytes()).unwrap(),
        ..Signers::default()
    };
    assert_eq!(
        judged_at(&signers, &bob.signs(PAYLOAD, 1), NOW),
        "good by ann"
    );
    assert_eq!(
        where_said(Vec::new()),
        "good by ann",
        "a key of which no use is said"
    );
}

#[test]
fn keys_of_these_kinds_sign() {
    for (number, kind) in [
        KeyType::Rsa(2048),
        KeyType::ECDSA(ECCCurve::P256),
        KeyType::ECDSA(ECCCurve::P384),
        KeyType::ECDSA(ECCCurve::P521),
        KeyType::ECDSA(ECCCurve::Secp256k1),
    ]
    .iter()
    .enumerate()
    {
        let ann = Owner::with(kind, number as u64);
        let mut frame = config(SignatureType::Binary, &ann.key, 1, Vec::new());
        frame.hash_alg = HashAlgorithm::Sha512;
        let text = signature_text(&bytes(&sign(&ann.key, PAYLOAD, frame)));
        let mut frame = config(SignatureType::CertPositive, &ann.key, 0, vec![signs(true)]);
        frame.hash_alg = HashAlgorithm::Sha512;
        let packets = [ann.key_packet(), ann.id_packet(), ann.bind(frame)].concat();
        assert_eq!(judged(&packets, &text), "good by ann", "{kind:?}");
        let later = Certificates::default();
        let clock = Clock {
            at: NOW,
            now: None,
            later: &later,
        };
        let verdict = ring(&packets).verify_object(b"tree 2\n", text.as_bytes(), 0, &clock);
        assert_eq!(said(&verdict), "bad: it is not of what is signed here");
    }
    let weak = Owner::with(&KeyType::Rsa(1024), 1);
    let certificate = weak.certificate(vec![signs(true)]);
    assert_eq!(
        judged(&certificate, &weak.signs(PAYLOAD, 1)),
        "bad by ann: its RSA key has fewer than 2048 bits"
    );
    let other = Owner::with(&KeyType::Ed25519, 1);
    insta::assert_snapshot!(refused(&other.key_packet()), @"`ann.asc`, line 1: its key is of a kind that cannot be verified here; RSA, ECDSA and Ed25519 (in the form that gpg makes) can");
}

#[test]
fn a_signature_of_another_kind_is_bad() {
    let ann = Owner::new(1);
    insta::assert_snapshot!(
        [
            with(|it| it.typ = SignatureType::Text),
            with(|it| it.hash_alg = HashAlgorithm::Sha3_256),
            with(|it| it.hashed_subpackets[0].is_critical = true),
            with(|it| {
                let mut known = regular(ends(100));
                known.is_critical = true;
                it.hashed_subpackets.push(known);
            }),
            with(|it| {
                let mut odd = regular(SubpacketData::Experimental(101, vec![1].into()));
                it.hashed_subpackets.push(odd.clone());
                assert!(!odd.is_critical);
                odd.is_critical = true;
                it.hashed_subpackets.push(odd);
            }),
            with(|it| {
                let notation = Notation {
                    readable: true,
                    name: "a@shop.example".into(),
                    value: "b".into(),
                };
                let mut odd = regular(SubpacketData::Notation(notation));
                odd.is_critical = true;
                it.hashed_subpackets.push(odd);
            }),
            with(|it| drop(it.hashed_subpackets.remove(0))),
            with(|it| it.hashed_subpackets.push(it.hashed_subpackets[0].clone())),
            with(|it| it.hashed_subpackets.push(regular(ends(5)))),
            with(|it| it.unhashed_subpackets.push(regular(ends(5)))),
            with(|it| it.unhashed_subpackets.push(it.unhashed_subpackets[0].clone())),
            with(|it| it.unhashed_subpackets.clear()),
            with(|it| {
                it.unhashed_subpackets.clear();
                it.hashed_subpackets.pop();
            }),
            with(|it| {
                let other = Owner::new(2).key.legacy_key_id();
                it.unhashed_subpackets = vec![regular(SubpacketData::IssuerKeyId(other))];
            }),
        ]
        .join("\n"),
        @"
    bad: it was made for another purpose
    bad: it was made with a hash that does not count
    good by ann
    good by ann
    bad: it says something critical that is not known here
    bad: it says something critical that is not known here
    bad: it does not say when it was made
    bad: it says the same thing twice
    expired by ann: it has expired
    bad: it holds something that nobody signed (malformed)
    bad: it holds something that nobody signed (malformed)
    good by ann
    unknown: nobody is listed with its key
    unknown: nobody is listed with its key
    "
    );
    assert_eq!(
        judged(&ann.certificate(vec![signs(true)]), &ann.signs(PAYLOAD, 1)),
        "good by ann"
    );
}

#[test]
fn weak_hashes_never_count() {
    // An Ed25519 key signs nothing with them.
    let ann = Owner::with(&KeyType::Rsa(2048), 1);
    let certificate = ann.certificate(vec![signs(true)]);
    for (hash, wanted) in [
        (HashAlgorithm::Sha1, "bad: it was made with SHA-1"),
        (
            HashAlgorithm::Md5,
            "bad: it was made with a hash that does not count",
        ),
        (
            HashAlgorithm::Ripemd160,
            "bad: it was made with a hash that does not count",
        ),
        (HashAlgorithm::Sha384, "good by ann"),
    ] {
        let mut frame = config(SignatureType::Binary, &ann.key, 1, Vec::new());
        frame.hash_alg = hash;
        let text = signature_text(&bytes(&sign(&ann.key, PAYLOAD, frame)));
        assert_eq!(judged(&certificate, &text), wanted);
        let mut frame = config(SignatureType::CertPositive, &ann.key, 0, vec![signs(true)]);
        frame.hash_alg = hash;
        let packets = [ann.key_packet(), ann.id_packet(), ann.bind(frame)].concat();
        let told = judged(&packets, &ann.signs(PAYLOAD, 1));
        assert_eq!(
            told.starts_with("good"),
            hash == HashAlgorithm::Sha384,
            "{told}"
        );
    }
}

#[test]
fn keys_and_signatures_end() {
    let ann = Owner::new(1);
    let at = |day: u32| i64::from(MADE + day * DAY);
    let life = ring(&ann.certificate(vec![signs(true), key_ends(8)]));
    let text = ann.signs(PAYLOAD, 1);
    assert_eq!(judged_at(&life, &text, at(8) - 1), "good by ann");
    assert_eq!(
        judged_at(&life, &text, at(8)),
        "expired by ann: its key has expired"
    );
    // When it was made counts too, whatever now is.
    let later = Certificates::default();
    let early = Clock {
        at: at(1),
        now: None,
        later: &later,
    };
    let text = ann.signs(PAYLOAD, 9);
    let verdict = life.verify_object(PAYLOAD, text.as_bytes(), 0, &early);
    assert_eq!(said(&verdict), "expired by ann: its key has expired");
    assert_eq!(
        judged_at(&life, &text, at(3)),
        "bad by ann: it says it was made in the future"
    );
    assert_eq!(
        where_said(vec![signs(true), key_ends(0)]),
        "good by ann",
        "0 is no end"
    );
    assert_eq!(
        where_said(vec![signs(true), ends(5)]),
        "expired by ann: its certificate has expired"
    );
    // The newest word counts: a longer life, or a shorter one.
    let frame = |day, more| config(SignatureType::CertPositive, &ann.key, day, more);
    for (days, wanted) in [
        (100, "good by ann"),
        (3, "expired by ann: its key has expired"),
    ] {
        let first = ann.bind(frame(0, vec![signs(true), key_ends(8)]));
        let second = ann.bind(frame(2, vec![signs(true), key_ends(days)]));
        let head = [ann.key_packet(), ann.id_packet()].concat();
        for order in [[&first, &second], [&second, &first]] {
            let packets = [&head, order[0], order[1]].map(|it| &it[..]).concat();
            assert_eq!(judged(&packets, &ann.signs(PAYLOAD, 1)), wanted);
        }
        // What is said later in another text of the certificate counts as well.
        let later = [ann.key_packet(), ann.id_packet(), second].concat();
        let later = ring(&later).certificates;
        let mut whole = life.certificates.clone();
        whole.learn(&later);
        let clock = Clock {
            at: NOW,
            now: Some(NOW),
            later: &whole,
        };
        let text = ann.signs(PAYLOAD, 1);
        let verdict = life.verify_object(PAYLOAD, text.as_bytes(), 0, &clock);
        assert_eq!(said(&verdict), wanted);
    }
    // Of two words said at once the stricter counts, and what is said in the future is not said.
    let first = ann.bind(frame(0, vec![signs(true), key_ends(8)]));
    let other = ann.bind(frame(0, vec![signs(true)]));
    let future = ann.bind(frame(20, vec![signs(true), key_ends(100)]));
    for word in [other, future] {
        let packets = [ann.key_packet(), ann.id_packet(), word, first.clone()].concat();
        assert_eq!(
            judged(&packets, &ann.signs(PAYLOAD, 1)),
            "expired by ann: its key has expired"
        );
    }
    // What is said directly ends a key, too.
    let direct = ann.direct(config(SignatureType::Key, &ann.key, 0, vec![key_ends(8)]));
    let packets = [ann.key_packet(), direct, ann.named(0, vec![signs(true)])].concat();
    assert_eq!(
        judged(&packets, &ann.signs(PAYLOAD, 1)),
        "expired by ann: its key has expired"
    );
}

#[test]
fn a_signature_older_than_its_key_is_bad() {
    let ann = Owner::new(1);
    let mut frame = config(SignatureType::Binary, &ann.key, 0, Vec::new());
    let before = pgp::types::Timestamp::from_secs(MADE - 1);
    frame.hashed_subpackets[0] = regular(SubpacketData::SignatureCreationTime(before));
    let text = signature_text(&bytes(&sign(&ann.key, PAYLOAD, frame)));
    assert_eq!(
        judged(&ann.certificate(vec![signs(true)]), &text),
        "bad by ann: it says it was made before its key"
    );
}

#[test]
fn a_revoked_key_counts_never() {
    let (ann, bob) = (Owner::new(1), Owner::new(2));
    let text = ann.signs(PAYLOAD, 1);
    let revocation = ann.direct(config(
        SignatureType::KeyRevocation,
        &ann.key,
        9,
        Vec::new(),
    ));
    let named = ann.named(0, vec![signs(true)]);
    let packets = [ann.key_packet(), revocation.clone(), named.clone()].concat();
    let revoked = "bad by ann: its key was revoked by its owner";
    assert_eq!(judged(&packets, &text), revoked);
    // Somebody else says so, whom the owner did not ask, or did.
    let by_bob = |frame: SignatureConfig| {
        let password = pgp::types::Password::empty();
        bytes(
            &frame
                .sign_key(&bob.key, &password, ann.key.public_key())
                .unwrap(),
        )
    };
    let foreign = by_bob(config(
        SignatureType::KeyRevocation,
        &bob.key,
        9,
        Vec::new(),
    ));
    let packets = [ann.key_packet(), foreign.clone(), named.clone()].concat();
    assert_eq!(judged(&packets, &text), "good by ann");
    let print = bob.key.fingerprint();
    let revoker = RevocationKey::new(
        RevocationKeyClass::Default,
        bob.key.algorithm(),
        print.as_bytes(),
    );
    let asked = ann.direct(config(
        SignatureType::Key,
        &ann.key,
        0,
        vec![SubpacketData::RevocationKey(revoker)],
    ));
    let packets = [ann.key_packet(), foreign, asked, named.clone()].concat();
    assert_eq!(judged(&packets, &text), revoked);
    // A revocation that does not verify is no certificate.
    let mut forged = revocation;
    let last = forged.len() - 1;
    forged[last] ^= 1;
    insta::assert_snapshot!(refused(&[ann.key_packet(), forged, named].concat()), @"`ann.asc`, line 1: a signature of its owner does not verify");
    // By the list of revoked certificates.
    let mut signers = ring(&ann.certificate(vec![signs(true)]));
    let exported = format!("# lost on a train\n{}", ann.exported());
    signers.revoked = Revoked::read_certificates("ann.revoked.asc", exported.as_bytes()).unwrap();
    assert!(signers.revoked.has(&ann.name_of_key()));
    assert_eq!(
        judged_at(&signers, &text, NOW),
        "bad by ann: its key is revoked"
    );
    // Only the key itself is needed for that.
    let bare = keys_text(&ann.key_packet());
    let bare = Revoked::read_certificates("ann.revoked.asc", bare.as_bytes()).unwrap();
    assert_eq!(bare, signers.revoked);
}

#[test]
fn names_are_bound_and_revoked() {
    let ann = Owner::new(1);
    let text = ann.signs(PAYLOAD, 1);
    insta::assert_snapshot!(
        [
            judged(&ann.key_packet(), &text),
            judged(&[ann.key_packet(), ann.id_packet()].concat(), &text),
            where_said(vec![signs(false)]),
            judged(
                &[
                    ann.key_packet(),
                    ann.named(0, vec![signs(true)]),
                    ann.bind(config(SignatureType::CertRevocation, &ann.key, 2, Vec::new())),
                ]
                .concat(),
                &text
            ),
            judged(
                &[
                    ann.key_packet(),
                    ann.named(3, vec![signs(true)]),
                    ann.bind(config(SignatureType::CertRevocation, &ann.key, 2, Vec::new())),
                ]
                .concat(),
                &text
            ),
            judged(
                &[
                    ann.key_packet(),
                    ann.named(0, vec![signs(true)]),
                    ann.named(1, vec![signs(false)]),
                ]
                .concat(),
                &text
            ),
        ]
        .join("\n"),
        @"
    bad by ann: its certificate has no name that its owner stands by
    bad by ann: its certificate has no name that its owner stands by
    bad by ann: its key is not for signing
    bad by ann: its certificate has no name that its owner stands by
    good by ann
    bad by ann: its key is not for signing
    "
    );
    let mut odd = config(SignatureType::CertPositive, &ann.key, 0, vec![signs(true)]);
    let mut unknown = regular(SubpacketData::Experimental(101, vec![1].into()));
    unknown.is_critical = true;
    odd.hashed_subpackets.push(unknown);
    let packets = [ann.key_packet(), ann.id_packet(), ann.bind(odd)].concat();
    assert_eq!(
        judged(&packets, &text),
        "bad by ann: its certificate says something critical that is not known here"
    );
}

#[test]
fn a_subkey_signs_where_it_is_bound_both_ways() {
    let (ann, eve) = (Owner::new(1), Owner::new(3));
    let own = Sub::new(2);
    let text = own.signs(PAYLOAD, 1);
    let head = ann.certificate(vec![signs(false)]);
    let with = |packets: &[u8]| judged(&[&head, packets].concat(), &text);
    let binding = SignatureType::SubkeyBinding;
    let back = || SubpacketData::EmbeddedSignature(Box::new(own.back(&ann)));
    let foreign = SubpacketData::EmbeddedSignature(Box::new(own.back(&eve)));
    let bound = |more| [own.key_packet(), own.bound(&ann, binding, 0, more)].concat();
    let revoked = own.bound(&ann, SignatureType::SubkeyRevocation, 9, Vec::new());
    let whole = own.whole(&ann, vec![signs(true)]);
    assert_eq!(with(&whole), "good by ann");
    insta::assert_snapshot!(
        [
            with(&own.key_packet()),
            with(&bound(vec![back()])),
            with(&bound(vec![signs(false), back()])),
            with(&bound(vec![signs(true)])),
            with(&bound(vec![signs(true), foreign])),
            with(&bound(vec![signs(true), back(), back()])),
            with(&own.whole(&ann, vec![signs(true), key_ends(5)])),
            with(&own.whole(&ann, vec![signs(true), ends(5)])),
            with(&[whole.clone(), revoked].concat()),
            judged(&[ann.certificate(vec![signs(true), key_ends(5)]), whole.clone()].concat(), &text),
            judged(&eve.certificate(vec![signs(true)]), &text),
        ]
        .join("\n"),
        @"
    bad by ann: its subkey is not bound to its certificate
    bad by ann: its subkey is not for signing
    bad by ann: its subkey is not for signing
    bad by ann: its subkey did not agree to be one of this certificate
    bad by ann: its subkey did not agree to be one of this certificate
    bad by ann: its subkey did not agree to be one of this certificate
    expired by ann: its key has expired
    expired by ann: its certificate has expired
    bad by ann: its subkey was revoked by its owner
    expired by ann: its key has expired
    unknown: nobody is listed with its key
    "
    );
    // Somebody else's binding is none.
    let theirs = [
        own.key_packet(),
        own.bound(&eve, binding, 0, vec![signs(true), back()]),
    ];
    assert_eq!(
        with(&theirs.concat()),
        "bad by ann: its subkey is not bound to its certificate"
    );
    let revocation = ann.direct(config(
        SignatureType::KeyRevocation,
        &ann.key,
        9,
        Vec::new(),
    ));
    let named = ann.named(0, vec![signs(true)]);
    let packets = [ann.key_packet(), revocation, named, whole].concat();
    assert_eq!(
        judged(&packets, &text),
        "bad by ann: its key was revoked by its owner"
    );
}

#[test]
fn a_malformed_signature_is_bad() {
    let ann = Owner::new(1);
    let signers = ring(&ann.certificate(vec![signs(true)]));
    let good = ann.signs(PAYLOAD, 1);
    let judged = |text: &str| judged_at(&signers, text, NOW);
    let frame = config(SignatureType::Binary, &ann.key, 1, Vec::new());
    let raw = bytes(&sign(&ann.key, PAYLOAD, frame));
    let (begin, rest) = good.split_once("\n\n").unwrap();
    let body = &raw[2..];
    let long = [
        &[0xc2, 0xff, 0, 0, 0, u8::try_from(body.len()).unwrap()][..],
        body,
    ]
    .concat();
    let sum = good.lines().find(|it| it.starts_with('=')).unwrap();
    assert_eq!(judged(&good), "good by ann");
    assert_eq!(judged(good.trim_end()), "good by ann");
    assert_eq!(
        judged(&format!(
            "{begin}\nVersion: GnuPG v2\nComment: a b\n\n{rest}"
        )),
        "good by ann"
    );
    assert_eq!(
        judged(&good.replace(&format!("{sum}\n"), "")),
        "good by ann"
    );
    insta::assert_snapshot!(
        [
            format!("{good}\n"),
            format!("{good}more\n"),
            format!("{good}{good}"),
            good.replace("\n\n", "\n"),
            good.replace("\n\n", "\nno header\n\n"),
            good.replace("\n\n", "\n\n\n"),
            good.replace(sum, "=AAAA"),
            good.replace(sum, "=AA"),
            good.replace(sum, &format!("{sum}\n{sum}")),
            good.replace("-----END PGP SIGNATURE-----\n", ""),
            good.replace('\n', "\r\n"),
            signature_text(&[raw.clone(), raw.clone()].concat()),
            signature_text(&[]),
            signature_text(&raw[..raw.len() - 1]),
            signature_text(&[&raw[..], &[0]].concat()),
            signature_text(&long),
            signature_text(&packet(Tag::Signature, &[body, &[0]].concat())),
            signature_text(&packet(Tag::Signature, &[&[3], &body[1..]].concat())),
            signature_text(&packet(Tag::Signature, &[])),
            signature_text(&packet(Tag::LiteralData, body)),
            format!("{begin}\n\n{}\n-----END PGP SIGNATURE-----", "A".repeat(20_000)),
            good.replace("SIGNATURE", "MESSAGE"),
        ]
        .map(|it| judged(&it))
        .join("\n"),
        @"
    bad: something stands after it (malformed)
    bad: something stands after it (malformed)
    bad: it holds more than one signature (malformed)
    bad: no empty line stands before what it holds (malformed)
    bad: no empty line stands before what it holds (malformed)
    bad: an empty line stands in it (malformed)
    bad: its checksum is wrong (malformed)
    bad: its checksum cannot be read (malformed)
    bad: something stands after its checksum (malformed)
    bad: it has no end (malformed)
    bad: it does not begin as one (malformed)
    bad: it holds more than one signature, or none (malformed)
    bad: it holds more than one signature, or none (malformed)
    bad: it breaks off (malformed)
    bad: it cannot be read (malformed)
    bad: it holds something that nobody signed (malformed)
    bad: it cannot be read, or is not written as it should be (malformed)
    bad: it is of a version that is not known here (malformed)
    bad: it is of a version that is not known here (malformed)
    bad: it holds something that is no signature (malformed)
    bad: it is too long for a signature (malformed)
    unknown: it is no SSH signature, and no other kind counts
    "
    );
}

#[test]
fn each_changed_byte_makes_a_signature_bad() {
    let ann = Owner::new(1);
    let signers = ring(&ann.certificate(vec![signs(true)]));
    let good = ann.signs(PAYLOAD, 1);
    for at in 0..good.len() {
        let mut text = good.clone().into_bytes();
        text[at] = if text[at] == b'A' { b'B' } else { b'A' };
        let later = Certificates::default();
        let clock = Clock {
            at: NOW,
            now: Some(NOW),
            later: &later,
        };
        let verdict = signers.verify_object(PAYLOAD, &text, 0, &clock);
        assert!(!verdict.is_good(), "byte {at}");
    }
}

#[test]
fn each_changed_bit_of_a_certificate_takes_it_back() {
    let (ann, own) = (Owner::new(1), Sub::new(2));
    let packets = [
        ann.certificate(vec![signs(true)]),
        own.whole(&ann, vec![signs(true)]),
    ]
    .concat();
    let text = own.signs(PAYLOAD, 1);
    assert_eq!(judged(&packets, &text), "good by ann");
    let plain = Certificates::read("a", "ann", keys_text(&packets).as_bytes()).unwrap();
    for at in 0..packets.len() {
        let mut odd = packets.clone();
        odd[at] ^= 1;
        let text_of_keys = keys_text(&odd);
        let Ok(certificates) = Certificates::read("a", "ann", text_of_keys.as_bytes()) else {
            continue;
        };
        let signers = Signers {
            certificates,
            ..Signers::default()
        };
        // What is not signed (who made a signature) says nothing else.
        assert!(
            signers.certificates == plain || judged_at(&signers, &text, NOW) != "good by ann",
            "byte {at}"
        );
    }
}

#[test]
fn what_is_no_certificate_is_refused() {
    let ann = Owner::new(1);
    let good = ann.exported();
    let read = |text: &str| {
        let error = Certificates::read("ann.asc", "ann", text.as_bytes()).unwrap_err();
        assert!(error.help().is_some());
        error.to_string()
    };
    let revoked = Revoked::read_certificates("ann.revoked.asc", b"# nothing\n").unwrap_err();
    insta::assert_snapshot!(
        [
            read(""),
            read("# only words\n"),
            read("\nssh-ed25519 AAAA\n"),
            read(&good.replace("PUBLIC KEY", "PRIVATE KEY")),
            read(&good.replace("-----END", "-----FIN")),
            read(&ann.signs(PAYLOAD, 1)),
            Certificates::read("ann.asc", "ann", b"\xff").unwrap_err().to_string(),
            refused(&[]),
            refused(&ann.id_packet()),
            refused(&bytes(&ann.key)),
            refused(&[ann.key_packet(), vec![0xc6]].concat()),
            refused(&[ann.key_packet(), packet(Tag::LiteralData, b"b")].concat()),
            refused(&[ann.key_packet(), packet(Tag::Signature, &[4, 0x20])].concat()),
            refused(&packet(Tag::PublicKey, &[3, 0, 0, 0, 0, 0, 0, 1])),
            refused(&packet(Tag::PublicKey, &[4, 0, 0, 0, 0, 1])),
            revoked.to_string(),
        ]
        .join("\n"),
        @"
    `ann.asc`, line 1: there is no public key in it
    `ann.asc`, line 1: there is no public key in it
    `ann.asc`, line 2: this is no public key in the text form of OpenPGP
    `ann.asc`, line 1: this is a private key, and whoever reads this repository has it now
    `ann.asc`, line 1: something stands after its checksum
    `ann.asc`, line 1: this is no public key in the text form of OpenPGP
    `ann.asc`, line 1: this is no text; keys are exported as text with `--armor`
    `ann.asc`, line 1: there is no public key in it
    `ann.asc`, line 1: it does not begin with a public key
    `ann.asc`, line 1: there is a private key in it
    `ann.asc`, line 1: it cannot be read
    `ann.asc`, line 1: it holds something besides public keys
    `ann.asc`, line 1: a signature in it cannot be read
    `ann.asc`, line 1: its key is of version 3; only version 4 can be verified
    `ann.asc`, line 1: its key cannot be read
    `ann.revoked.asc`, line 1: there is no public key in it
    "
    );
    let old = [
        &[3, 5, 0x20, 0, 0, 0, 0][..],
        ann.key.legacy_key_id().as_ref(),
        &[1, 2],
    ]
    .concat();
    let packets = [
        ann.certificate(vec![signs(true)]),
        packet(Tag::Signature, &old),
    ]
    .concat();
    assert_eq!(
        refused(&packets),
        "`ann.asc`, line 1: it is revoked in a form that is too old"
    );
}

#[test]
fn a_name_of_a_key_that_is_too_short_is_none() {
    let ann = Owner::new(1);
    let print = ann.key.fingerprint();
    let last = *print.as_bytes().last().unwrap();
    for name in [&[1, 16][..], &[2, 16, last], &[2, 33, last], &[1, 33]] {
        let length = u16::try_from(name.len()).unwrap().to_be_bytes();
        let body = [&[4, 0, 22, 8, 0, 0][..], &length, name, &[0; 8]].concat();
        let text = signature_text(&packet(Tag::Signature, &body));
        let found = judged(&ann.certificate(vec![signs(true)]), &text);
        assert_eq!(found, "bad: it cannot be read (malformed)");
    }
}

#[test]
fn a_signature_within_one_that_nobody_can_write_is_not_read() {
    // Version 5 ends the program that writes it again.
    let ann = Owner::new(1);
    for version in [2, 3, 5, 6, 7] {
        let within = [&[version][..], &[0; 20]].concat();
        let area = [&[u8::try_from(within.len()).unwrap() + 1, 32][..], &within].concat();
        let length = u16::try_from(area.len()).unwrap().to_be_bytes();
        let body = [
            &[4, 0x1f, 22, 8][..],
            &length,
            &area,
            &[0, 0, 0, 0, 0, 0, 0, 0],
        ]
        .concat();
        let text = signature_text(&packet(Tag::Signature, &body));
        let found = judged(&ann.certificate(vec![signs(true)]), &text);
        assert_eq!(found, "bad: it cannot be read (malformed)");
        let packets = [ann.key_packet(), packet(Tag::Signature, &body)].concat();
        assert_eq!(
            refused(&packets),
            "`ann.asc`, line 1: a signature in it cannot be read"
        );
    }
}

//! Who takes part: names as they are, from many languages and scripts.

use super::random::Random;
use crate::secrets::{SecretsError, Token};

/// A person: name and the part of the address before the at sign.
pub(super) type Person = (&'static str, &'static str);

/// The one who decides.
pub(super) const ADMINISTRATOR: Person = ("Mirembe Okello", "mirembe.okello");
/// The one who reviews; holds a certificate too.
pub(super) const REVIEWER: Person = ("Noor El Amrani", "noor.elamrani");
/// Where everybody's address is.
pub(super) const DOMAIN: &str = "example.org";

/// The holders with a story, in its order.
pub(super) const HOLDERS: [Person; 60] = [
    ("Anouk de Vries", "anouk.devries"),
    ("José María García-Ibáñez", "jm.garcia"),
    ("王小明", "wang.xiaoming"),
    ("Þórdís Ægisdóttir", "thordis.aegisdottir"),
    ("Олена Шевченко", "olena.shevchenko"),
    ("فاطمة الزهراء بنعلي", "fatima.benali"),
    ("Siobhán Ní Dhomhnaill", "siobhan.nidhomhnaill"),
    ("Nguyễn Thị Minh Khai", "minhkhai.nguyen"),
    ("Ali", "ali"),
    ("佐藤 花子", "sato.hanako"),
    ("Γιώργος Παπαδόπουλος", "giorgos.papadopoulos"),
    ("Łukasz Żółkiewski", "lukasz.zolkiewski"),
    ("김민준", "kim.minjun"),
    ("Seán O’Sullivan", "sean.osullivan"),
    ("प्रिया शर्मा", "priya.sharma"),
    ("Jürgen Müller-Lüdenscheidt", "juergen.mueller"),
    ("Chiamaka Adébáyọ̀", "chiamaka.adebayo"),
    ("דוד בן־חיים", "david.benhaim"),
    ("Ngozi Eze", "ngozi.eze"),
    ("Maria Antónia da Conceição Ferreira dos Santos e Albuquerque", "maria.albuquerque"),
    ("Дмитрий Иванов", "dmitri.ivanov"),
    ("İlkay Gündoğdu", "ilkay.gundogdu"),
    ("ณัฐพล ศรีสุข", "nattapon.srisuk"),
    ("Ayesha Siddiqua", "ayesha.siddiqua"),
    ("Márton Kovács", "marton.kovacs"),
    ("Aroha Ngātai", "aroha.ngatai"),
    ("ანა ბერიძე", "ana.beridze"),
    ("Pekka Väänänen", "pekka.vaananen"),
    ("தமிழ்ச்செல்வி முருகன்", "tamilselvi.murugan"),
    ("Zoë van der Meer", "zoe.vandermeer"),
    ("Abebe Bikila ተስፋዬ", "abebe.tesfaye"),
    ("Kateřina Dvořáková", "katerina.dvorakova"),
    ("Արամ Պետրոսյան", "aram.petrosyan"),
    ("Wanjikũ Kamau", "wanjiku.kamau"),
    ("Iñaki Etxeberria", "inaki.etxeberria"),
    ("Giulia D’Angelo", "giulia.dangelo"),
    ("Sigríður Björk Jónsdóttir", "sigridur.jonsdottir"),
    ("Rāwiri Tāmati", "rawiri.tamati"),
    ("Björn Åkerström", "bjorn.akerstrom"),
    ("Mei-Ling Chen 陳美玲", "meiling.chen"),
    ("Thabo Mokoena", "thabo.mokoena"),
    ("Élodie Lefèvre", "elodie.lefevre"),
    ("محمد رضا کریمی", "mohammadreza.karimi"),
    ("Răzvan Ștefănescu", "razvan.stefanescu"),
    ("Tjaša Žagar", "tjasa.zagar"),
    ("Gwenllian ferch Rhys", "gwenllian.rhys"),
    ("Nomvula Dlamini", "nomvula.dlamini"),
    ("Santiago Núñez Peña", "santiago.nunez"),
    ("Søren Kjærgaard", "soren.kjaergaard"),
    ("রফিকুল ইসলাম", "rafiqul.islam"),
    ("Kamalei Kahananui", "kamalei.kahananui"),
    ("Āris Bērziņš", "aris.berzins"),
    ("Ingrid Nordstrøm", "ingrid.nordstrom"),
    ("Yusuf Abdi Warsame", "yusuf.warsame"),
    ("Emre Yıldız", "emre.yildiz"),
    ("Bogdan Petković", "bogdan.petkovic"),
    ("Rosa Quispe Mamani", "rosa.quispe"),
    ("Tanisha Campbell", "tanisha.campbell"),
    ("Fenna Hoekstra", "fenna.hoekstra"),
    ("Kwabena Asante", "kwabena.asante"),
];

const GIVEN: [&str; 24] = [
    "Anna", "Björn", "Chloé", "Daan", "Elif", "Farid", "Grażyna", "Hiroshi", "Inês", "João", "Kofi",
    "Lakshmi", "Mateo", "Nadia", "Olu", "Petra", "Quentin", "Rosa", "Søren", "Tamar", "Umar", "Věra", "Wei",
    "Zoë",
];
const FAMILY: [&str; 24] = [
    "Andersen",
    "Bakker",
    "Costa",
    "Dubois",
    "Eriksson",
    "Fernández",
    "Gupta",
    "Horváth",
    "Ivanova",
    "Jansen",
    "Kowalska",
    "López",
    "Mbeki",
    "Nakamura",
    "Okafor",
    "Popescu",
    "Quist",
    "Rossi",
    "Şahin",
    "Tanaka",
    "Uzun",
    "Virtanen",
    "Weber",
    "Zhang",
];

/// Somebody in the crowd: name and address.
pub(super) fn in_the_crowd(number: usize, random: &mut Random) -> (String, String) {
    let given = random.one_of(&GIVEN).copied().unwrap_or("Anna");
    let family = random.one_of(&FAMILY).copied().unwrap_or("Jansen");
    (format!("{given} {family}"), format!("holder.{number:06}@{DOMAIN}"))
}

const WORDS: [&str; 64] = [
    "amber", "anchor", "apricot", "badger", "basalt", "beacon", "birch", "bramble", "cactus", "canoe",
    "cedar", "cinder", "clover", "cobalt", "copper", "coral", "cradle", "cricket", "dapple", "drizzle",
    "ember", "fathom", "fennel", "ferret", "flint", "gadget", "garnet", "ginger", "gravel", "hazel", "heron",
    "hollow", "indigo", "jigsaw", "juniper", "kettle", "lantern", "lichen", "magnet", "maple", "marble",
    "meadow", "mitten", "nectar", "nutmeg", "oyster", "pebble", "pepper", "pigeon", "plover", "quarry",
    "quilt", "raven", "ribbon", "saddle", "saffron", "sparrow", "thimble", "thistle", "timber", "tulip",
    "velvet", "walnut", "willow",
];

/// A password that a person can type: five words that chance chose.
pub(super) fn password() -> Result<String, SecretsError> {
    let token = Token::random()?;
    let digits: Vec<char> = token.expose().chars().collect();
    let words: Vec<&str> = digits
        .chunks(4)
        .take(5)
        .map(|four| {
            let number = four.iter().fold(0_usize, |n, c| {
                n * 16 + c.to_digit(16).and_then(|d| usize::try_from(d).ok()).unwrap_or(0)
            });
            WORDS.get(number % WORDS.len()).copied().unwrap_or("willow")
        })
        .collect();
    Ok(words.join("-"))
}

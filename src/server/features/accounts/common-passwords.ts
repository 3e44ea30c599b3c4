const words = `
12345678 123456789 1234567890 12345678910 123123123 11111111 111111111 00000000 87654321 987654321 9876543210
88888888 66666666 99999999 12341234 11223344 1122334455 112233445566 123454321 147258369 159357456 123698745
147852369 741852963 789456123 456123789 159753159753 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc q1w2e3r4 q1w2e3r4t5
zaq12wsx zaq1xsw2 qazwsxedc qwerty12 qwerty123 qwerty1234 qwertyui qwertyuiop qwerty12345 qwer1234 qwe123qwe
asdfghjk asdfghjkl asdf1234 asdfasdf zxcvbnm1 zxcvbnm123 poiuytrewq password password1 password12 password123
password1234 password! password1! password123! passw0rd p@ssw0rd p@ssword pa55word passwort passwort1 contraseña
contrasena motdepasse wachtwoord parool123 haslo123 sifre123 mypassword newpassword changeme changeme1 changeme123
changeit letmein1 letmein123 welcome1 welcome12 welcome123 welcome1! iloveyou iloveyou1 iloveyou2 ilovegod
trustno1 whatever whatever1 superman superman1 batman123 spiderman starwars starwars1 pokemon1 pokemon123
dragon123 monkey123 football football1 baseball baseball1 basketball liverpool liverpool1 arsenal1 chelsea1
barcelona manchester juventus corinthians flamengo michelle michael1 jennifer jennifer1 jessica1 jonathan
samantha danielle charlie1 princess princess1 sunshine sunshine1 butterfly chocolate computer computer1
internet internet1 samsung1 samsung123 blink182 metallica nirvana1 slipknot linkinpark rockstar babygirl
babygirl1 sweetheart beautiful lovelove loveyou1 forever1 happy123 friends1 mercedes ferrari1 corvette mustang1
yamaha123 yankees1 cowboys1 steelers lakers24 warcraft minecraft fortnite1 counterstrike playstation nintendo
admin123 admin1234 admin12345 admin123! administrator administrator1 adminadmin root1234 rootroot toor1234
guest123 guestguest user1234 user12345 username username1 testtest test1234 test12345 testing1 testing123
test123456 demo1234 demodemo default1 temp1234 temporary master123 secret123 secretsecret access14 access123
hello123 hello1234 hellohello abc12345 abcd1234 abcdefgh abcdefg1 abc123abc abc123456 a1b2c3d4 aa123456 aa12345678
a12345678 a123456789 q1234567 qq123456 qq123123 1qazxsw2 123qweasd 123qwe123 123abc123 1234qwer 12qwaszx
woaini1314 5201314520 caonima123 123456789a 123456789q 12345678a 1password summer2024 summer2025 winter2024
winter2025 spring2025 autumn2025 january1 december1 november1 whosyourdaddy gfhjkm123 parola123 qweasdzxc
superuser supersecret letmeinnow opensesame ncc1701d thunder1 freedom1 shadow123 hunter12 killer123 matrix123
`;

/** Passwords of eight and more characters that every guessing list begins with, in lower case. */
export const commonPasswords: ReadonlySet<string> = new Set(words.split(/\s+/).filter(Boolean));

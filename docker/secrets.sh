#!/bin/sh
# Makes the secrets of an installation as files in a folder that only its owner can enter: each
# service reads its own from a mount. What is there already stays.
#   usage: secrets.sh FOLDER [NAME...]
# NAMEs are more host names by which clients reach the services. DATABASE_HOST is where
# PostgreSQL is, by default postgres:5432.
# Run it as root, or as the user 1000, which the services run as.
set -eu
umask 077
[ $# -ge 1 ] || { sed -n '/usage:/s/^# *//p' "$0" >&2; exit 2; }
case $(id -u) in
0 | 1000) ;;
*) echo "secrets.sh: run it as root or as the user 1000, which the services run as: others cannot give them their files" >&2; exit 1 ;;
esac
dir=$1
shift
mkdir -p "$dir"
random() { openssl rand -hex 24; }

# put FILE TEXT keeps a file that is there.
put() { [ -s "$dir/$1" ] || printf '%s\n' "$2" >"$dir/$1"; }

put postgres_password "$(random)"
for service in authsvc queue frontend; do
    put "${service}_database" "postgres://foliocast_$service:$(random)@${DATABASE_HOST:-postgres:5432}/foliocast"
done
put frontend_secret "$(random)"
put worker_secret "$(random)"
put metrics_token "$(random)"
put signing_key "$(openssl rand -base64 32)"
[ -s "$dir/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C foliocast -f "$dir/id_ed25519"

# An authority of this installation, and a certificate that it has signed for all services.
if [ ! -s "$dir/tls_cert" ]; then
    names=DNS:localhost,IP:127.0.0.1,DNS:authsvc,DNS:queue,DNS:frontend
    for name in "$@"; do names=$names,DNS:$name; done
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=Foliocast authority' \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -keyout "$dir/authority_key" -out "$dir/tls_ca" 2>/dev/null
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=foliocast' -keyout "$dir/tls_key" -out "$dir/request" 2>/dev/null
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$names" >"$dir/extensions"
    openssl x509 -req -in "$dir/request" -CA "$dir/tls_ca" -CAkey "$dir/authority_key" -set_serial "0x$(openssl rand -hex 15)" -days 825 \
        -extfile "$dir/extensions" -out "$dir/tls_cert" 2>/dev/null
    rm -f "$dir/request" "$dir/extensions"
fi

# The folder keeps others out. PostgreSQL runs as another user, and reads the first four.
cd "$dir"
chmod 0644 postgres_password ./*_database ./*_secret metrics_token tls_ca tls_cert id_ed25519.pub
[ "$(id -u)" != 0 ] || chown 1000:1000 ./*
echo "the secrets are in $dir; keep authority_key elsewhere"

apt-get update
apt-get install -y mariadb-server
mysql -u root -pInv3nted-Winter42 shop < /tmp/shop.sql
curl -u deploy:Inv3nted-Spring43 https://artifacts.build.example/shop.tar.gz -o /tmp/shop.tar.gz
exit

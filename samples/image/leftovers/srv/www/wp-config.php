<?php
define( 'DB_NAME', 'shop' );
define( 'DB_USER', 'shop' );
define( 'DB_PASSWORD', 'Inv3nted-Blossom48' );
define( 'DB_HOST', 'db.build.example' );

import { type Row, rows } from "./row.ts";

/** Lines of households and phones, in the styles of many countries. Written by hand; no provider's list is copied. */
export const residential: readonly Row[] = rows(
  "dynamic",
  `
# North America: DSL, cable, fibre
203.0.113.77   c-203-0-113-77.hsd1.ma.cable-a.example
198.51.100.23  c-198-51-100-23.hsd1.il.cable-a.example
198.18.37.142  pool-198-18-37-142.nycmny.fios.telco-b.example
198.51.100.23  adsl-198-51-100-23.dsl.chcgil.telco-c.example
203.0.113.77   203-0-113-77.lightspeed.sntcca.telco-c.example
198.18.37.142  ppp-198-18-37-142.dsl.hstntx.telco-c.example
192.0.2.146    cpe-192-0-2-146.neo.res.rr-d.example
198.18.37.142  syn-198-018-037-142.res.spectra.example
192.0.2.146    192-000-002-146.res.spectra.example
203.0.113.77   ip203-0-113-77.ph.ph.cox-e.example
198.19.201.66  198-19-201-66.dhcp.ftwo.tx.charter-f.example
198.19.201.66  h66.201.19.198.dynamic.ip.windy.example
198.51.100.23  198-51-100-23.dyn.century-g.example
203.0.113.77   71-203-0-113-77.dyn.century-g.example
198.18.37.142  ool-c612258e.dyn.optimal.example
192.0.2.146    d192-0-2-146.try.wideopen.example
198.51.100.23  dynamic-acs-198-51-100-23.zoomtown.example
198.19.201.66  user-0c8h7a2.cable.mindspring-h.example
203.0.113.77   dsl113-077.sea1.dsl.speak-i.example
198.18.37.142  mobile-198-18-37-142.mycell.example
198.18.37.142  142.sub-198-18-37.mywireless.example
192.0.2.146    mob-192-0-2-146.tele-j.example
203.0.113.77   bas1-toronto12-3405803853.dsl.bell-k.example
198.51.100.23  toroon1234w-lp130-04-198-51-100-23.dsl.bell-k.example
198.51.100.23  grnbpq0250w-grc-15-3325256727.dsl.bell-k.example
192.0.2.146    cpe00fc8d12a4b7-cm00fc8d12a4b4.cpe.net.cable.rogue-l.example
192.0.2.146    s010600fc8d12a4b7.vc.shaw-m.example
198.18.37.142  modemcable142.37-18-198.mc.videotree.example
203.0.113.77   d203-0-113-77.abhsia.telus-n.example
203.0.113.77   node-1w7jr9.pool-203-0.dynamic.totnet.example
198.51.100.23  dhcp-198-51-100-23.user.fibre-o.example
198.19.201.66  wireless-198-19-201-66.wisp-p.example
198.18.37.142  fixedwireless-198-18-37-142.wisp-q.example

# Germany, Austria, Switzerland
203.0.113.77   pcb00714d.dip0.t-online-a.example
198.51.100.23  pc6336417.dip.t-online-a.example
203.0.113.77   dslb-203-000-113-077.203.000.pools.voda-b.example
198.18.37.142  ip-198-18-037-142.um41.pools.voda-b.example
192.0.2.146    xc0000292.dyn.telefon-c.example
198.51.100.23  ic6336417.versa-d.example
198.18.37.142  port-198-18-37-142.dynamic.qs-e.example
203.0.113.77   ppp-203-0-113-77.dynamic.mnetz.example
198.51.100.23  hsi-kbw-198-51-100-23.hsi2.kabel-bw.example
198.18.37.142  ip-198-18-37-142.hsi13.unity-f.example
192.0.2.146    muedsl-192-0-2-146.citykom.example
203.0.113.77   chello203000113077.12.11.vie.surfer.example
198.18.37.142  198-18-37-142.cgn.dynamic.surfer.example
198.51.100.23  198-51-100-23.adsl.highway.telekom-at.example
192.0.2.146    m192-0-2-146.andorra-mobil.example
198.19.201.66  66.201.19.198.dynamic.wline.res.cust.swissc.example
203.0.113.77   203-0-113-77.dclient.hispeed-g.example
198.51.100.23  adsl-198-51-100-23.adslplus.example
198.18.37.142  xdsl-198-18-37-142.adslplus.example

# France, Belgium, Netherlands, Luxembourg
198.18.37.142  lfbn-par-1-37-142.w198-18.abo.orange-a.example
198.51.100.23  lfbn-idf2-1-100-23.w198-51.abo.orange-a.example
203.0.113.77   apoitiers-650-1-113-77.w203-0.abo.orange-a.example
192.0.2.146    146.2.0.192.rev.sfr-b.example
198.18.37.142  bor13-1-198-18-37-142.fbx.proxa.example
203.0.113.77   i19-lef01-t2-203-0-113-77.ft.lns.abo.bbox-c.example
198.19.201.66  ip-66.net-198-19-201.toulouse.rev.numer.example
203.0.113.77   77.113-0-203.adsl-dyn.isp.belga.example
203.0.113.77   dcb00714d.access.teleneth.example
198.51.100.23  ip-198-51-100-23.customer.schedom.example
192.0.2.146    a192-0-2-146.adsl.xs-all.example
198.18.37.142  c612258e.cm-4-1b.dynamic.zig-d.example
198.51.100.23  198-51-100-23.cable.dynamic.v4.zig-d.example
203.0.113.77   203-0-113-77.ftth.glasop.example
198.19.201.66  ip-198-19-201-66.ip.prioritel.example
198.18.37.142  142-37-18-198.ftth.glasop.example
203.0.113.77   cb00714d.rev.caiway-e.example

# United Kingdom, Ireland
203.0.113.77   host203-0-113-77.range203-0.btcentral.example
198.51.100.23  host198-51-100-23.in-addr.btopen.example
198.18.37.142  cpc92718-asht5-2-0-cust141.12-2.cable.virgin-m.example
192.0.2.146    c0000292.skyband.example
203.0.113.77   host-203-0-113-77.as13285.example
198.51.100.23  198-51-100-23.dynamic.dsl.as9105.example
198.18.37.142  142.37.18.198.threembb.example.co.uk
192.0.2.146    dab-ell3-h-66-7.dab.02.example.co.uk
203.0.113.77   ptr-203-0-113-77.dyn.plusser.example
198.19.201.66  198-19-201-66.adsl.zen.example.co.uk
203.0.113.77   203-0-113-77-dynamic.b-ras1.blp.dublin.eircom-x.example
192.0.2.146    cm-192-0-2-146.ebb.upc-ie.example

# Nordic countries, Baltics
203.0.113.77   203-0-113-77-no88.tbcn.telia-a.example
198.51.100.23  host-198-51-100-23.mobileonline.telia-a.example
192.0.2.146    h-192-0-2-146.a498.priv.bahn-b.example
198.18.37.142  c-c612258e.012-345-6c756d10.bbcust.telenor-c.example
203.0.113.77   c-4d7100cb-74736162.cust.telenor-c.example
198.51.100.23  m198-51-100-23.cust.tele2-d.example
198.19.201.66  cm-198.19.201.66.getinternet.example
203.0.113.77   203-0-113-77-cable.dk.customer.tdcs-e.example
198.18.37.142  x1-6-a0-63-91-12-34-56.cpe.webspeed-f.example
192.0.2.146    dsl-hkibng41-c00002-146.dhcp.inet.elisa-g.example
198.51.100.23  dsl-tkubng21-c63364-23.dhcp.inet.elisa-g.example
198.18.37.142  mobile-access-c61225-142.dhcp.inet.elisa-g.example
203.0.113.77   dyn-203-0-113-77.dna-h.example
203.0.113.77   77-113.dsl.estpak-i.example
198.51.100.23  balticom-198-51-100-23.balti-j.example
192.0.2.146    clt-192-0-2-146.vdsl.lietuva-k.example

# Italy, Spain, Portugal, Greece, Malta
198.51.100.23  host-198-51-100-23.retail.telecom-it.example
203.0.113.77   host77-113-dynamic.0-203-r.retail.telecom-it.example
198.18.37.142  net-198-18-37-142.cust.vodafone-it.example
192.0.2.146    adsl-ull-146-2.42-151.net24.example
198.19.201.66  dynamic-adsl-198-19-201-66.clienti.tiscal.example
203.0.113.77   77.red-203-0-113.dynamicip.rima-t.example
198.51.100.23  23.red-198-51-100.dynamicip.rima-t.example
198.18.37.142  142.37.18.198.dynamic.jazz-b.example
192.0.2.146    192.0.2.146.dyn.user.ono-c.example
198.51.100.23  cliente-198-51-100-23.xtra-e.example
198.18.37.142  bl18-37-142.dsl.telepacket.example
192.0.2.146    a192-0-2-146.cpe.netcab.example
203.0.113.77   77.113.0.203.rev.voda-pt.example
198.51.100.23  ppp-198-51-100-23.home.otenet-f.example
203.0.113.77   adsl-77.203-0-113.tell-g.example
198.18.37.142  athedsl-18142.home.otenet-f.example
198.19.201.66  c201-66.i02-12.onvol-h.example

# Poland, Czechia, Slovakia, Hungary, the Balkans, Romania
203.0.113.77   aabc77.neoplus.adsl.tpnet-a.example
198.51.100.23  dynamic-78-8-198-51-100-23.ssp.dialog-b.example
198.18.37.142  198-18-37-142.dynamic.chello-pl.example
192.0.2.146    public-gprs372146.centertel-c.example
203.0.113.77   user-203-0-113-77.play-d.example
198.51.100.23  apn-198-51-100-23.dynamic.gprs.plus-e.example
203.0.113.77   ip-203-0-113-77.net.upcband-g.example
198.51.100.23  198-51-100-23.rct.o2-h.example
198.18.37.142  bband-dyn142.198-18-37.t-com-i.example
203.0.113.77   adsl-dyn77.203-0-113.t-com-i.example
198.51.100.23  catv-198-51-100-23.catv.broadband-j.example
192.0.2.146    c0000292.dsl.pool.telekom-k.example
203.0.113.77   fibhost-113-77.fibernet-l.example
198.18.37.142  bc198-18-37-142.catv.digi-m.example
198.51.100.23  cable-198-51-100-23.dynamic.sbb-n.example
203.0.113.77   93-203-0-113-77.adsl.net.t-hrv.example
198.18.37.142  bsn-198-18-37-142.dial-up.dsl.siol-o.example
192.0.2.146    192-0-2-146.residential.rdsn.example
203.0.113.77   adsl203-0-113-77.romtel-p.example
198.51.100.23  198-51-100-23.spectra-bg.pppoe.example-bg.example

# Russia, Ukraine, Caucasus, Central Asia
203.0.113.77   broadband-203-0-113-77.ip.moscow.rtel.example
198.51.100.23  pppoe.198-51-100-23.dynamic.avangard-a.example
198.18.37.142  ppp142.pppoe37.corbina-b.example
192.0.2.146    192x0x2x146.dynamic.ekb.ertel-c.example
203.0.113.77   203x0x113x77.dynamic.perm.ertel-c.example
198.51.100.23  node-198-51-100-23.domolan.tula-d.example
198.19.201.66  66-201-19-198.pool.ukrtel-e.example
203.0.113.77   77.113.0.203.triolan-f.example
192.0.2.146    ip-192-0-2-146.bb.netby-g.example
198.51.100.23  ip.198-51-100-23.stavropol.ru-h.pppoe.example
198.18.37.142  h142.net37.bmstu-i.dhcp.example
198.18.37.142  mm-142-37-18-198.brest.dynamic.pppoe.byfly-j.example
203.0.113.77   203-0-113-77.nat.ktv-k.example

# Turkey, Israel, Middle East, Africa
198.18.37.142  198.18.37.142.dynamic.ttnet.example.com.tr
203.0.113.77   bzq-203-0-113-77.red.bezeq-a.example
198.51.100.23  igld-198-51-100-23.inter-b.example
192.0.2.146    dsl192-0-2-146.bb.netvis-c.example
203.0.113.77   dsl-113-77.telkom-d.example.co.za
198.51.100.23  198-51-100-23.dynamic.isadsl.example.co.za
198.18.37.142  vc-cpt-198-18-37-142.umts.vodac.example.co.za
198.19.201.66  host-198.19.201.66.tedata-e.example
203.0.113.77   adsl203-0-113-77.menara-f.example
192.0.2.146    bba-192-0-2-146.alshamil-g.example
198.51.100.23  client-198-51-100-23.mobility-h.example

# Latin America
203.0.113.77   203-0-113-77.user3g.velox-a.example.com.br
198.51.100.23  c6336417.virtu-b.example.com.br
192.0.2.146    192-0-2-146.dsl.telesp-c.example.net.br
198.18.37.142  ip-198-18-37-142.user.vivo-d.example.com.br
203.0.113.77   203-0-113-77.gvt-e.adsl.example.com.br
198.51.100.23  dynamic-198-51-100-23.webflash.example.net.br
198.18.37.142  dsl-198-18-37-142-dyn.prod-infin.example.com.mx
192.0.2.146    customer-mca-tgz-2-146.megar.example.net.mx
203.0.113.77   dup-203-0-113-77.prodig-f.example.net.mx
198.51.100.23  cpe-198-51-100-23.telec-g.example.com.ar
203.0.113.77   host77.203-0-113.telecom-h.example.net.ar
198.19.201.66  66-201-19-198.fibert-i.example.com.ar
198.18.37.142  ol142-37.fibert-i.example.com.ar
198.51.100.23  pc-198-51-100-23.cm.vtr-j.example
192.0.2.146    cable192-0-2-146.une-k.example
203.0.113.77   dinamic-tigo-203-0-113-77.tigo-l.example.com.co
198.51.100.23  r198-51-100-23.dialup.adsl.antel-m.example
198.18.37.142  client-198.18.37.142.speedy-n.example.net.pe
203.0.113.77   203-0-113-77.dyn.dsl.cantv-o.example

# East and South Asia, Oceania
203.0.113.77   softbank203000113077.bbt-a.example
198.51.100.23  kd198051100023.au-net.example.ne.jp
198.18.37.142  p4142-ipbf1205souka.saitama.ocean-b.example.ne.jp
203.0.113.77   p77-203-0-113.dialup.ocean-b.example.ne.jp
192.0.2.146    zaqc0000292.rev.zaq-c.example.ne.jp
198.51.100.23  i198-51-100-23.s41.a014.ap.plal-d.example.or.jp
198.18.37.142  flh1-198-18-37-142.tky.mesh-e.example.ad.jp
203.0.113.77   em203-0-113-77.pool.emob-f.example.ne.jp
192.0.2.146    nttkyo521146.tkyo.nt.ftth.ppp.infow-g.example.ne.jp
198.51.100.23  eaoska317023.adsl.ppp.infow-g.example.ne.jp
198.18.37.142  198-18-37-142.rev.home-h.example.ne.jp
203.0.113.77   203-0-113-77.dynamic-ip.hin-i.example
192.0.2.146    146.2.0.192.broad.wz.zj.dynamic.163-j.example.com.cn
198.18.37.142  198.18.37.142.adsl-pool.sx-k.example.cn
203.0.113.77   pcd077113.netvigat.example
198.51.100.23  cm198-51-100-23.hkcable-l.example.com.hk
192.0.2.146    abts-north-dynamic-146.2.0.192.airtel-m.example
203.0.113.77   triband-del-203.0.113.77.bol-n.example.net.in
198.18.37.142  cpe-198-18-37-142.nb02.nsw.asp.telst-o.example
198.51.100.23  ppp198-51-100-23.bras1.syd2.internod.example
203.0.113.77   c203-0-113-77.carlnfd1.nsw.optus-p.example.com.au
192.0.2.146    192-0-2-146.jetstream.xtr-q.example.co.nz
198.18.37.142  ppp-198-18-37-142.revip2.asianet-r.example.co.th
203.0.113.77   dynamic-ip-adsl.viet-s.example
198.51.100.23  fm-dyn-198-51-100-23.fast-t.example.net.id
198.19.201.66  198.19.201.66.pldt-u.example

# Shapes of no one country
198.51.100.23  host-100-23.dormnet.example
192.0.2.146    ip-2-146.homenet.example
203.0.113.77   unassigned.netops.example
198.51.100.23  dhcp-23.wifi.campus.example
198.18.37.142  residential-142.isp-v.example
203.0.113.77   cgnat-pool-7.isp-w.example
198.51.100.23  lte-23-100.isp-x.example
192.0.2.146    3g-192-0-2-146.isp-y.example
198.18.37.142  gpon-37-142.fttx.isp-z.example
203.0.113.77   fttb-203-0-113-77.isp-z.example
198.51.100.23  subscriber-198-51-100-23.isp-z.example
198.18.37.142  h37-142.isp-zz.example
192.0.2.146    pppoe-dyn-192-0-2-146.isp-zz.example
203.0.113.77   customer883120.isp-zy.example
198.51.100.23  docsis-23.cm.isp-zx.example
198.18.37.142  198-18-37-142.example

# IPv6
2001:db8:4a3:b100:1c2d:3e4f:5a6b:7c8d  p20010db804a3b1001c2d3e4f5a6b7c8d.dip0.t-online-a.example
2001:db8:4a3:b100:1c2d:3e4f:5a6b:7c8d  2001-db8-4a3-b100-1c2d-3e4f-5a6b-7c8d.dynamic6.isp-a.example
2001:db8:4a3:b100:1c2d:3e4f:5a6b:7c8d  2001-0db8-04a3-b100-1c2d-3e4f-5a6b-7c8d.rev.sfr-b.example
2001:db8:4a3:b100:1c2d:3e4f:5a6b:7c8d  20010db804a3b1001c2d3e4f5a6b7c8d.ipv6.abo.orange-a.example
2001:db8:4a3:b100:1c2d:3e4f:5a6b:7c8d  d.8.c.7.b.6.a.5.f.4.e.3.d.2.c.1.0.0.1.b.3.a.4.0.8.b.d.0.1.0.0.2.cust.isp-c.example
2001:db8:4a3:b100:1c2d:3e4f:5a6b:7c8d  2.0.0.1.0.d.b.8.0.4.a.3.b.1.0.0.1.c.2.d.3.e.4.f.5.a.6.b.7.c.8.d.isp-d.example
2001:db8:4a3:b100::17                  2001-db8-4a3-b100--17.isp-e.example
2001:db8:4a3:b100::17                  node-17.2001-db8-4a3-b100.v6.isp-f.example
2001:db8:4a3:b100:1c2d:3e4f:5a6b:7c8d  dyn-2001-db8-4a3.isp-g.example
2001:db8:4a3:b100:1c2d:3e4f:5a6b:7c8d  cust-1c2d3e4f5a6b7c8d.v6.isp-h.example
2001:db8:4a3:b100:1c2d:3e4f:5a6b:7c8d  ptr-8rh08jy5p7oq3r1xq5k.18120a2.ip6.access.teleneth.example
2001:db8:4a3:b100::1                   host-20010db804a3b1000000000000000001.isp-i.example
2001:db8:4a3:b100:1c2d:3e4f:5a6b:7c8d  g8d7c6b5a4f3e.ftth.isp-j.example
2001:db8:77::9                         customer-2001-db8-77-0-0-0-0-9.isp-k.example
`,
);

import { type Row, rows } from "./row.ts";

/** Lines of offices: made up for the address as well, but it stays, and somebody pays for that. */
const lines = rows(
  "static",
  `
203.0.113.77   wsip-203-0-113-77.ph.ph.cox-e.example
198.51.100.23  rrcs-198-51-100-23.nyc.biz.rr-d.example
192.0.2.146    192-000-002-146.biz.spectra.example
198.18.37.142  198-18-37-142-static.hfc.cable-business.example
203.0.113.77   static-203-0-113-77.nycmny.fios.telco-b.example
198.51.100.23  h23.100.51.198.static.ip.windy.example
198.18.37.142  adsl-198-18-37-142-static.dsl.telco-c.example
203.0.113.77   b2b-203-0-113-77.unity-f.example
192.0.2.146    cpe-192-0-2-146.static.nsw.asp.telst-o.example
198.51.100.23  host23-100-static.51-198-b.business.telecom-it.example
203.0.113.77   host-203-0-113-77.business.telecom-it.example
198.18.37.142  static-142-37-18-198.ipcom.comuni.example
203.0.113.77   77.113.0.203.static.jazz-b.example
198.51.100.23  23.red-198-51-100.staticip.rima-t.example
198.18.37.142  142.37.18.198.static.wline.lns.sme.cust.swissc.example
203.0.113.77   business-203-0-113-77.pool2.voda-b.example
198.51.100.23  static-198-51-100-23.static.etb-k.example
192.0.2.146    r192-0-2-146.su-static.adin-m.example
198.18.37.142  198-18-37-142.static.hin-i.example
198.51.100.23  static-css-cqn-198-51-100-23.business.bbox-c.example
203.0.113.77   static-203.0.113.77-tata.example.co.in
198.51.100.23  198-51-100-23.static.ttnet.example.com.tr
192.0.2.146    static-ip-146-2-0-192.rev.dyxn-q.example
198.18.37.142  sta-198-18-37-142.isp-r.example
203.0.113.77   fixed-203-0-113-77.metro-s.example
198.51.100.23  fix-ip-198-51-100-23.isp-t.example
192.0.2.146    ip-192-0-2-146.fixip.t-online-a.example
198.18.37.142  staticline198-18-37-142.isp-u.example
203.0.113.77   office-static-113-77.office-v.example
198.51.100.23  estatica-198-51-100-23.isp-w.example.com.br
198.18.37.142  198-18-37-142.corp.isp-x.example
203.0.113.77   leased-line-203-0-113-77.isp-y.example
198.51.100.23  static.isp-z.example
192.0.2.146    static-146.isp-z.example
203.0.113.77   77.static.113-0-203.isp-zz.example
198.18.37.142  198.18.37.142.ip.business.isp-zy.example
198.51.100.23  198-51-100-23.empresas.isp-zx.example.com.mx
203.0.113.77   h-203-0-113-77.static.a159.priv.bahn-b.example
198.18.37.142  198-18-37-142-static.b-ras1.eircom-x.example
192.0.2.146    static-adsl-192-0-2-146.isp-zw.example
203.0.113.77   dsl-static-203-0-113-77.isp-zw.example
198.51.100.23  static.23.100.51.198.dsl.isp-zv.example
198.18.37.142  gw-static-37-142.customer.isp-zu.example
203.0.113.77   static203000113077.isp-zt.example
2001:db8:4a3:b100::17  2001-db8-4a3-b100--17.static6.isp-a.example
2001:db8:4a3:b100:1c2d:3e4f:5a6b:7c8d  20010db804a3b1001c2d3e4f5a6b7c8d.static.sfr-b.example
2001:db8:4a3:b100::1   static-2001-db8-4a3-b100-0-0-0-1.business.isp-c.example
`,
);

/** Machines at hosters and in clouds that nobody gave a name of their own. */
const hosters = rows(
  "static",
  `
203.0.113.77   ec2-203-0-113-77.compute-1.cloud-a.example
198.51.100.23  ec2-198-51-100-23.eu-central-1.compute.cloud-a.example
198.18.37.142  ip-198-18-37-142.us-west-2.compute.internal.example
192.0.2.146    146.2.0.192.bc.user-content-b.example
203.0.113.77   static.77.113.0.203.clients.server-c.example
198.51.100.23  static.198-51-100-23.clients.server-c.example
198.18.37.142  vmi1203977.contab-d.example
192.0.2.146    vmd98412.contab-d.example
203.0.113.77   vps-3f9a12bc.vps.ove-e.example
198.51.100.23  vps481516.ove-e.example
198.18.37.142  ns3108642.ip-198-18-37.example
203.0.113.77   ns501234.ip-203-0-113.example
192.0.2.146    146.ip-192-0-2.example
198.51.100.23  srv512340.hosting-f.example
198.18.37.142  h2947106.strat-g.example
203.0.113.77   s18532719.onlinehome-h.example
198.51.100.23  u17410928.onlinehome-h.example
192.0.2.146    v22019068812390517.lucky-i.example
198.18.37.142  v2202401198765432.happy-i.example
203.0.113.77   203.0.113.77.vult-j.example
198.51.100.23  198.51.100.23.vult-j-content.example
198.18.37.142  li1234-142.members.linod-k.example
192.0.2.146    192-0-2-146.ip.linod-k-content.example
203.0.113.77   instance-20240311-1822.subnet.vcn.oracl-l.example
198.51.100.23  vps-198-51-100-23.hosting-m.example
198.18.37.142  server-198-18-37-142.hosting-m.example
203.0.113.77   203-0-113-77.colo.transit-n.example
198.51.100.23  198-51-100-23.dedicated.transit-n.example
198.18.37.142  cloud-198-18-37-142.hosting-o.example
192.0.2.146    192-0-2-146.cloud-xip.example
203.0.113.77   vm-203-0-113-77.iaas-p.example
198.51.100.23  vm4871936.iaas-p.example
198.18.37.142  hosted-by-198-18-37-142.hosting-q.example
203.0.113.77   203-0-113-77.hosted-by.hosting-q.example
198.51.100.23  server198051100023.hosting-r.example
192.0.2.146    146-2-0-192.rdns.server.hosting-s.example
203.0.113.77   77-113-0-203.rev.cloud.scal-t.example
198.51.100.23  6b1c4d2e-91f0-4f2a-8f7d-0d3a5c1be9aa.pub.instances.scal-t.example
198.18.37.142  198-18-37-142.rev.pone-u.server.example
203.0.113.77   203-0-113-77.customer.vps.hosting-v.example
198.51.100.23  198-51-100-23.hosts.droplet-w.example
192.0.2.146    kvm-192-0-2-146.vps.hosting-x.example
198.18.37.142  ded-198-18-37-142.hosting-y.example
203.0.113.77   srv-203-0-113-77.example.net
203.0.113.77   customer.world-aa.example
198.51.100.23  hosted-by.slash-ab.example
198.18.37.142  ip142.ip-198-18-37.example
192.0.2.146    server-146-2.static.hosting-ac.example
203.0.113.77   vps77-113.hosting-ad.example
2001:db8:4a3:b100::17  vps-2001-db8-4a3-b100--17.hosting-ae.example
2001:db8:77::9         static.2001-db8-77--9.clients.server-c.example
`,
);

export const business: readonly Row[] = [...lines, ...hosters];

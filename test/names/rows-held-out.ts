import { type Row, rows } from "./row.ts";

/**
 * Names that recognition was not made with. The lines have the shapes of every fifth rule in three parts of a public
 * list of access providers (fqrdns.pcre of 2015), whatever those rules are; the mail hosts those of the senders seen
 * in public mailing list archives and of greylisting exceptions. Domains and addresses are our own.
 * What is missed here stays missed: a name that recognition is changed for belongs into the other tables.
 */
export const heldOut: readonly Row[] = [
  ...rows(
    "dynamic",
    `
198.51.100.23  host-198-51-100-23.cwon.isp-b05.example
203.0.113.77   ip-203.0.113.77.isp-b10.example
198.18.37.142  198-18-37-142.isp-b15.example
192.0.2.146    192.0.2.146.isp-b20.example
198.51.100.23  i07v-198-51-100-23.d4.isp-b25.example
203.0.113.77   203.0.113.77.h.isp-b30.example.net.do
198.18.37.142  ip-198-18-37-142.isp-b35.example
192.0.2.146    c192-0-2-146.bredband.isp-b40.example
198.51.100.23  c6336417.dsl.isp-b45.example
203.0.113.77   pppoe-203-0-113-77.isp-b50.example
198.18.37.142  198-18-37-142.dsl.isp-b55.example
192.0.2.146    leased-line-lpz-adsl-192.0.2.146.isp-b60.example.com.bo
198.51.100.23  dsl-198-51-100-23.isp-b65.example
203.0.113.77   ip-203-0-113-77.dsl.isp-b70.example
198.18.37.142  198018037142.isp-b75.example
192.0.2.146    192-0-2-146.ip.isp-b80.example.com.pl
198.51.100.23  dsl-198-51-100-23.isp-b85.example
203.0.113.77   ptr-203-0-113-77.isp-b90.example
198.18.37.142  cable-bog-co-198.18.37.142.isp-b95.example.net.co
192.0.2.146    192.0.2.146.rev.isp-b100.example
198.51.100.23  198-51-100-23.adsl-pool.isp-b105.example
203.0.113.77   netblock-203-0-113-77.isp-b110.example
198.18.37.142  198.18.37.142.user.isp-b115.example.ne.jp
192.0.2.146    192.0.2.146.eo.isp-b120.example.ne.jp
198.51.100.23  host-198-51-100-23.isp-c05.example
203.0.113.77   docs-res-gua-203-0-113-77.isp-c10.example
198.18.37.142  198.18.37.142.isp-c15.example
192.0.2.146    192-0-2-146.isp-c20.example
198.51.100.23  broadband-user-198-51-100-23.isp-c25.example.co.yu
203.0.113.77   n203000113077.isp-c30.example
198.18.37.142  198.18.37.142.isp-c35.example
192.0.2.146    host-192-0-2-146.isp-c40.example.net.ng
198.51.100.23  m198.net51-100-23.isp-c45.example
203.0.113.77   203.0.113.77.hsfq.isp-c50.example
198.18.37.142  host-198-18-37-142.isp-c55.example
192.0.2.146    client-192-0-2-146.nrth.adsl.isp-c60.example
198.51.100.23  198-51-100-23.rev.isp-c65.example
203.0.113.77   ip-203-0-113-77.isp-c70.example
198.18.37.142  198-18-37-142.isp-c75.example
192.0.2.146    ip192-0-2-146.isp-c80.example
198.51.100.23  198.51.100.23.metro.isp-c85.example
203.0.113.77   203.0.113.77.rev.isp-c90.example
198.18.37.142  cl-col-198-18-37-142.isp-c95.example.net.co
192.0.2.146    xdsl-192-0-2-146.dip.isp-c100.example
198.51.100.23  adsl-198-51-100-23.dsl.snfc21.isp-c105.example
203.0.113.77   ip-203-0-113-77.isp-c110.example
198.18.37.142  dsl-pppoe-198-18-37-142-ama.isp-c115.example
192.0.2.146    orbita192.0.2.146.ccl.isp-c120.example
198.51.100.23  dsl-198-51-100-23.isp-c125.example
203.0.113.77   h-203-0-113-77.isp-c130.example
198.51.100.23  k6417.k.isp-c135.example
198.18.37.142  dsl-198-18-37-142.isp-d05.example.net.lb
192.0.2.146    192.0.2.146.sub.mbb.isp-d10.example.co.uk
198.51.100.23  host-198-51-100-23.cust-adsl.isp-d15.example
203.0.113.77   dyn-203-0-113-77.ppp.isp-d20.example
198.18.37.142  198.18.37.142.klj04-home.isp-d25.example.net.my
192.0.2.146    rv-cl-192-0-2-146.pool.isp-d30.example
198.51.100.23  198-51-100-23.ca.isp-d35.example
203.0.113.77   203.0.113.77.isp-d40.example
198.18.37.142  mue-198-18-37-142.dsl.isp-d45.example
192.0.2.146    dsl78-190-41203.isp-d50.example.net.tr
198.51.100.23  user-198-51-100-23.isp-d55.example
203.0.113.77   203000113077.isp-d60.example.com.br
198.18.37.142  a142.sub37.net18.isp-d65.example
192.0.2.146    192-0-2-146.isp-d70.example
198.51.100.23  customer-198-51-100-23.isp-d75.example.net.mx
203.0.113.77   203.0.113.77.isp-d80.example
198.18.37.142  ip-198.18.37.142.net.isp-d85.example
192.0.2.146    19202146.user.isp-d90.example.com.br
198.51.100.23  ip198-51-100-23.adsl2.isp-d95.example
203.0.113.77   client-203-0-113-77.brig.adsl.isp-d100.example
198.18.37.142  host-198-18-37-142.isp-d105.example
192.0.2.146    192.0.2.146.isp-d110.example
198.51.100.23  198.51.100.23.rev.isp-d115.example
203.0.113.77   vlg-203-0-113-77.isp-d120.example
198.18.37.142  198.18.37.142.cdma-delhi.isp-d125.example.net.in
198.51.100.23  mar-guillotiere-2-198-51-100-23.w198-51.abo.isp-d130.example
203.0.113.77   203-0-113-77.baf.isp-d135.example
192.0.2.146    192.0.2.146.isp-d140.example
198.18.37.142  lds198-18-37-142.isp-d145.example
192.0.2.146    dsl-192-0-2-146.vic.isp-d150.example.com.au
`,
  ),
  ...rows(
    "mail",
    `
198.18.37.100  mga07.chips-a.example
198.18.37.93   mga11.chips-a.example
203.0.113.211  verein.lst-b.example
198.51.100.98  adm12-98.it-c.example
203.0.113.81   userp1040.database-d.example
192.0.2.14     exchange-forwarding-east-3.mit-e.example
192.0.2.15     cantor2.linux-f.example
198.18.37.52   lgeamrelo12.electronics-g.example
198.18.1.151   lgemrelse7q.electronics-g.example
203.0.113.172  foss.arms-h.example
198.51.100.52  xavier.tele-ops-i.example
203.0.113.134  v094114.home-example.net.pl
203.0.113.38   pacific.mpi-j.example
198.51.100.13  wbgn013.biozentrum.uni-k.example
192.0.2.61     asv6.srv.hcvlny.cv-l.example
203.0.113.112  zebra732.startdedicated-m.example
198.51.100.212 ded1.person-n.example
203.0.113.3    mail.moi.example.go.th
198.18.11.12   server9.maghost-o.example
198.51.100.127 btprdrgo005.btinter-p.example
203.0.113.81   conssluserg-02.nifty-q.example
203.0.113.33   sa-prd-fep-049.btinter-p.example
192.0.2.21     inva021.chips-r.example
192.0.2.5      mx0b-001b2d01.pphosted-s.example
198.18.45.187  na3sys010amx187.postin-t.example
203.0.113.161  mx01.bbu.dsd.mx.bitdefend-u.example
198.51.100.102 de-smtp-delivery-102.mimec-v.example
198.51.100.199 wproxy.gmai-w.example
203.0.113.250  outpipe-village-512-1.bc-x.example
203.0.113.26   lb2-smtp-cloud9.xs-y.example
192.0.2.122    smtp-relay-internal-0.canon-z.example
203.0.113.217  dfw.source.kern-aa.example
198.51.100.255 szxga08-in.huaw-ab.example
198.51.100.9   server-x001.hostpoint-ac.example
198.51.100.10  gw.bas.roch-ad.example
203.0.113.8    prd051.appliedbio-ae.example
203.0.113.9    domin.switch-af.example
203.0.113.10   lakecmmtao04.coxmail-ag.example
203.0.113.11   sv12pub.verizo-ah.example
203.0.113.12   p01m168.mxlog-ai.example
203.0.113.13   fmr101.intl-aj.example
203.0.113.14   fe4.cox-internet-ak.example
203.0.113.15   piggy.rz.tu-al.example
203.0.113.16   brief.cw.reum-am.example
203.0.113.17   gateway3.np-an.example
203.0.113.18   tesla.vtsz-ao.example
203.0.113.19   gw.stud-serv-mb.example.si
203.0.113.20   webserver.turboinstitut-ap.example
203.0.113.21   rak-gentoo-1.nameserver-aq.example
203.0.113.22   pim-12-7.quickmail-ar.example
203.0.113.23   diggstage01.digg-as.example
203.0.113.24   postfix13-g24.fre-at.example
203.0.113.25   nse4.abbb-au.example
203.0.113.26   ex12.server.arvat-av.example
203.0.113.27   saturn.mahid-aw.example.ac.th
203.0.113.28   outappmail.faceb-ax.example
203.0.113.29   server14.cyo-ay.example
203.0.113.30   home.theory.tif-az.example.res.in
203.0.113.31   ms4-1.blu-ba.example
203.0.113.32   viefep21-int.chell-bb.example
203.0.113.33   o12.ntdc.magist-bc.example
203.0.113.34   smarthost3.evanz-bd.example
`,
  ),
];
